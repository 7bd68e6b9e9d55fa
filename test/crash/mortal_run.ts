/** Polls a scene with a program that is killed at a chosen step. */
import { join } from "node:path";
import type { Scene } from "./scenes.ts";

const MORTAL = join(import.meta.dirname ?? "", "mortal.ts");

/** How a run ended. */
export interface MortalRun {
  /** Whether the chosen step was reached. */
  readonly isKilled: boolean;
  readonly code: number;
  /** How many steps there were, of a run that was not killed. */
  readonly steps: number;
  readonly log: string;
}

/** `run scene`, or another command, killed after its `step`th lasting step; with 0 it lives on. */
export async function runMortal(
  { folder }: Scene,
  step: number,
  command: readonly string[] = ["run", "scene"],
): Promise<MortalRun> {
  const program = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", MORTAL, String(step), ...command],
    cwd: folder.path,
    stdin: "null",
    env: { LANG: "C", LC_ALL: "C" },
  });
  const { code, signal, stderr } = await program.output();
  const log = new TextDecoder().decode(stderr);
  const steps = Number(/(\d+) steps/.exec(log)?.[1] ?? 0);
  return { isKilled: signal === "SIGKILL", code, steps, log };
}
