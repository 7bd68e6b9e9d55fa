/** Collects problems of one file while it is checked. */
import type { Problem } from "../errors.ts";
import type { Path, TomlTable } from "./toml.ts";

/** How grave a problem is, and whether it stands in the way of running. */
export type Gravity =
  /** The configuration is wrong. */
  | "error"
  /** Something has still to be filled in or made: an error, but only information while the launcher is disabled. */
  | "lacking"
  /** Like `lacking`, but it may mend itself (a share not mounted yet): the launcher runs and tries. */
  | "passing"
  | "warning";

/** The problems of one file. */
export class Report {
  readonly problems: Problem[] = [];
  #isFaulty = false;

  constructor(readonly table: TomlTable, readonly file: string, readonly isEnabled = true) {}

  /** Whether something keeps this file from being used. */
  get isFaulty(): boolean {
    return this.#isFaulty;
  }

  /** Notes one problem at the line of a key. */
  add(
    gravity: Gravity,
    path: Path,
    { folder, ...sentence }: Pick<Problem, "message" | "folder"> & { readonly remedy: string },
  ): void {
    const lacks = gravity === "lacking" || gravity === "passing";
    const severity = lacks && !this.isEnabled ? "info" : gravity === "warning" ? "warning" : "error";
    if (severity === "error" && gravity !== "passing") this.#isFaulty = true;
    const remedy = severity === "info"
      ? `Before enabled = true: ${uncapitalised(sentence.remedy)}`
      : sentence.remedy;
    const { message } = sentence;
    const line = this.table.lineOf(path);
    this.problems.push({ severity, file: this.file, line, message, remedy, ...(folder ? { folder } : {}) });
  }

  /** Notes what a schema check found. */
  addAll(problems: readonly Problem[]): void {
    for (const problem of problems) if (problem.severity === "error") this.#isFaulty = true;
    this.problems.push(...problems);
  }
}

function uncapitalised(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** What somebody wrote, cut to what a message can hold. */
export function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
