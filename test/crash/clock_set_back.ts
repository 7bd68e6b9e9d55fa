/** Run before the program: the clock is `LANCEUR_TEST_CLOCK_MS` off. */
const offMs = Number(Deno.env.get("LANCEUR_TEST_CLOCK_MS"));
const Real = Date;

globalThis.Date = class extends Real {
  constructor(...args: unknown[]) {
    super(...(args.length === 0 ? [Real.now() + offMs] : args) as [number]);
  }
  static override now(): number {
    return Real.now() + offMs;
  }
} as typeof Date;
