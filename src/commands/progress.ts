/** How far long work is: a bar on a terminal, nothing elsewhere (there the log says it, in plain lines). */
import { configureLog, type LogOptions } from "../log.ts";
import { say } from "./language.ts";
import { plainText } from "./output.ts";

const DRAW_MS = 100;
const BAR_CELLS = 20;
const FALLBACK_COLUMNS = 80;
const CLEAR = "\r\x1b[K";

/** How far it is now. */
export interface Step {
  readonly done: number;
  readonly of?: number | undefined;
  readonly label?: string | undefined;
  /** Seconds that were waited, where nothing can be counted. */
  readonly waited?: number | undefined;
}

/** One line at the foot of the terminal, on standard error; gone when disposed. */
export class ProgressBar implements Disposable {
  #isShown: boolean;
  readonly #startedMs = performance.now();
  #line = "";
  #drawnMs = -Infinity;
  #step: Step = { done: 0 };
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `isWanted`: not with --json, whose reader is a program. */
  constructor(readonly title: string, isWanted: boolean) {
    this.#isShown = isWanted && Deno.stderr.isTerminal();
  }

  /** Whether there is a terminal to draw on. */
  get isShown(): boolean {
    return this.#isShown;
  }

  /** Shows how far it is; drawn at most ten times a second, and the last word always. */
  show(step: Step): void {
    if (!this.#isShown) return;
    this.#step = step;
    const waitMs = this.#drawnMs + DRAW_MS - performance.now();
    if (waitMs <= 0) this.#draw();
    else this.#timer ??= setTimeout(() => this.#draw(), waitMs);
  }

  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#drawnMs = performance.now();
    const seconds = (this.#drawnMs - this.#startedMs) / 1000;
    this.#line = fitted(`${this.title}  ${progressText(this.#step, seconds)}`, columns());
    write(CLEAR + this.#line);
  }

  /** Writes something else above the bar. */
  above(write: () => void): void {
    this.#clear();
    write();
    this.#redraw();
  }

  /** Takes it away for good: what comes now is the result. */
  end(): void {
    this.#clear();
    this.#line = "";
    this.#isShown = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  [Symbol.dispose](): void {
    this.end();
  }

  #clear(): void {
    if (this.#line !== "") write(CLEAR);
  }

  #redraw(): void {
    if (this.#line !== "") write(this.#line);
  }
}

/** Lets the log be written above the bar; there it is left to the result to say what became of each item. */
export function logAbove(bar: ProgressBar, log: LogOptions): void {
  const level = bar.isShown && log.level === "info" ? "warn" : log.level;
  configureLog({ ...log, level, around: (write) => bar.above(write) });
}

/** `[#####-----] 12 of 24, 50 %, 6.0/s, 2 s left  label`; what is not known is left out. */
export function progressText({ done, of, label, waited }: Step, seconds: number): string {
  if (waited !== undefined) return `${waited} s${label ? `  ${plainText(label)}` : ""}`;
  const parts = [
    of === undefined ? say(`${done} done`, `${done} faits`) : say(`${done} of ${of}`, `${done} sur ${of}`),
  ];
  const rate = seconds > 0 ? done / seconds : 0;
  if (of !== undefined && of > 0) parts.push(`${Math.floor(done / of * 100)} %`);
  if (seconds >= 1 && done > 0) parts.push(`${rate.toFixed(rate < 10 ? 1 : 0)}/s`);
  if (seconds >= 1 && of !== undefined && done > 0 && of > done) {
    const left = duration((of - done) / rate);
    parts.push(say(`${left} left`, `encore ${left}`));
  }
  const bar = of === undefined || of === 0 ? "" : `[${cells(done / of)}] `;
  return `${bar}${parts.join(", ")}${label === undefined ? "" : `  ${plainText(label)}`}`;
}

function cells(share: number): string {
  const full = Math.min(BAR_CELLS, Math.floor(share * BAR_CELLS));
  return "#".repeat(full) + "-".repeat(BAR_CELLS - full);
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

function fitted(text: string, width: number): string {
  const characters = [...text];
  return characters.length < width ? text : characters.slice(0, width - 2).join("") + "…";
}

function columns(): number {
  try {
    return Deno.consoleSize().columns || FALLBACK_COLUMNS;
  } catch {
    return FALLBACK_COLUMNS;
  }
}

function write(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}
