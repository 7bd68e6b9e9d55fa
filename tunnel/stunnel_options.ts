/** What each line of stunnel.conf becomes: the sections, their options, and what there is to say. */
import { meantBy } from "./slips.ts";
import { Draft, type Gravity, type Report } from "./stunnel_draft.ts";
import { finishDraft, type SectionLine } from "./stunnel_finish.ts";
import { type ConfLine, REFUSED_COMMENT } from "./stunnel_lines.ts";
import { type Option, OPTIONS } from "./stunnel_table.ts";
import { printable, readLenient, ValueError } from "./stunnel_values.ts";
import type { ConfProblem, ConfReading, ServiceOptions } from "./types.ts";

const MAX_SECTIONS = 1000;
const MAX_PROBLEMS = 1000;

/** Translates the lines of one configuration, whose first file is `file`. Never throws. */
export function translate(lines: readonly ConfLine[], file: string): ConfReading {
  const { defaults, sections } = group(lines);
  const problems = new Problems(file);
  const excess = sections[MAX_SECTIONS];
  if (excess !== undefined) {
    const message = `Cannot run the sections from here on: there are more than ${MAX_SECTIONS}`;
    problems.add({ ...placeOf(excess.line), severity: "error", message });
  }
  const inherited = readDefaults(defaults, problems);
  const services: ServiceOptions[] = [];
  const names = new Set<string>();
  for (const section of sections.slice(0, MAX_SECTIONS)) {
    const service = translateSection(section, { inherited, problems });
    if (service !== undefined) services.push(service);
    const { name } = section.line.content;
    if (names.has(name)) {
      const message = `There is another section "${
        shorten(name)
      }": both run, but neither can be named by a launcher`;
      problems.add({ ...placeOf(section.line), section: name, severity: "info", message });
    }
    names.add(name);
  }
  if (sections.length === 0) problems.add(noSection(defaults, file));
  return { services, problems: problems.all() };
}

interface Section {
  readonly line: SectionLine;
  readonly body: ConfLine[];
}

function group(lines: readonly ConfLine[]): { defaults: ConfLine[]; sections: Section[] } {
  const defaults: ConfLine[] = [];
  const sections: Section[] = [];
  for (const line of lines) {
    if (isSection(line)) sections.push({ line, body: [] });
    else (sections.at(-1)?.body ?? defaults).push(line);
  }
  return { defaults, sections };
}

function isSection(line: ConfLine): line is SectionLine {
  return line.content.kind === "section";
}

function noSection(defaults: readonly ConfLine[], file: string): ConfProblem {
  const wanted = defaults.some(({ content }) =>
    content.kind === "option" && OPTIONS.get(content.name.toLowerCase())?.scope === "service"
  );
  return {
    // A file of comments is one that was switched off.
    severity: wanted ? "error" : "warning",
    file,
    message: wanted
      ? "Cannot find a section: without one stunnel runs under inetd, which this does not"
      : "There is no section in it, so nothing runs",
    remedy: "Begin a service with a line such as [gmail-pop3]",
  };
}

/** What stands before the first section: every later one starts with it. */
interface Inherited {
  readonly draft: Draft;
  /** The first option of services in it that cannot be used. */
  readonly fault: ConfLine | undefined;
}

function readDefaults(defaults: readonly ConfLine[], problems: Problems): Inherited {
  const draft = new Draft();
  let fault: ConfLine | undefined;
  for (const line of defaults) {
    const report: Report = (gravity, message, remedy) => {
      if (gravity === "error" && isServiceOption(line)) fault ??= line;
      problems.add(problemOf(line, { gravity, message, remedy }));
    };
    readLine(draft, line, { inSection: false, report });
  }
  return { draft, fault };
}

function isServiceOption({ content }: ConfLine): boolean {
  return content.kind === "option" && OPTIONS.get(content.name.toLowerCase())?.scope === "service";
}

function translateSection(
  { line, body }: Section,
  { inherited, problems }: { readonly inherited: Inherited; readonly problems: Problems },
): ServiceOptions | undefined {
  const draft = inherited.draft.copy();
  const section = line.content.name;
  let isFaulty = false;
  const reporter = (line: ConfLine): Report => (gravity, message, remedy) => {
    isFaulty ||= gravity === "error";
    problems.add({ ...problemOf(line, { gravity, message, remedy }), section });
  };
  if (line.content.slip !== undefined) reporter(line)("warning", line.content.slip);
  const { fault } = inherited;
  if (fault !== undefined) {
    const place = fault.file === line.file ? `line ${fault.line}` : `${fault.file}:${fault.line}`;
    reporter(line)("error", `Cannot run the section: ${place}, which stands before all sections, is faulty`);
  }
  for (const option of body) readLine(draft, option, { inSection: true, report: reporter(option) });
  const service = finishDraft(draft, line, reporter);
  return isFaulty ? undefined : service;
}

function readLine(
  draft: Draft,
  line: ConfLine,
  { inSection, report }: { readonly inSection: boolean; readonly report: Report },
): void {
  const { content } = line;
  if (content.kind === "invalid") {
    // Nothing of the line but a known option: the rest may be a password.
    const shown = OPTIONS.has(content.word.toLowerCase()) ? ` "${content.word} …"` : "";
    report("error", `Cannot read the line${shown}: ${content.reason}`);
  }
  if (content.kind !== "option") return;
  const { name, value, slip } = content;
  const option = OPTIONS.get(name.toLowerCase());
  if (option === undefined) {
    report(
      "error",
      `Cannot use the option "${shorten(name)}": neither stunnel nor this program knows it`,
      remedyFor(name.toLowerCase()),
    );
    return;
  }
  if (option.scope === "global" && inSection) {
    report(
      "error",
      `Cannot use ${name} in a section: it belongs before the first one`,
      "Move the line above the first section, or remove it",
    );
    return;
  }
  if (slip !== undefined) report("warning", slip);
  draft.lines.set(name.toLowerCase(), line);
  readOption(draft, { name, value, option }, report);
}

function remedyFor(name: string): string {
  const meant = meantBy(name, OPTIONS.keys());
  return meant === undefined ? "Check its spelling, or remove the line" : `Did you mean "${meant}"?`;
}

function readOption(
  draft: Draft,
  { name, value, option }: { readonly name: string; readonly value: string; readonly option: Option },
  report: Report,
): void {
  if (!("read" in option)) {
    report(option.severity, `${name}: ${option.message}`, option.remedy);
    return;
  }
  try {
    const { lenient } = readLenient(value, (text) => option.read(draft, text, report));
    if (lenient) report("warning", REFUSED_COMMENT);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    // Mostly yes was meant: a missing certificate would be told for a slip of the pen.
    if (name.toLowerCase() === "client") draft.client = true;
    const shown = option.secret === true ? "" : ` "${shorten(value)}"`;
    report("error", `Cannot use ${name} =${shown}: ${error.message}`, error.remedy);
  }
}

/** Problems up to a number that somebody can read. */
class Problems {
  readonly #file: string;
  readonly #problems: ConfProblem[] = [];
  #further = 0;
  #severity: ConfProblem["severity"] = "info";

  constructor(file: string) {
    this.#file = file;
  }

  add(problem: ConfProblem): void {
    if (this.#problems.length < MAX_PROBLEMS) {
      this.#problems.push(problem);
      return;
    }
    this.#further++;
    if (problem.severity === "error" || this.#severity === "info") this.#severity = problem.severity;
  }

  all(): ConfProblem[] {
    if (this.#further === 0) return this.#problems;
    const message = `There are ${this.#further} more problems`;
    return [...this.#problems, { severity: this.#severity, file: this.#file, message }];
  }
}

function placeOf({ file, line }: ConfLine): { file: string; line: number } {
  return { file, line };
}

function problemOf(
  line: ConfLine,
  { gravity, message, remedy }: {
    readonly gravity: Gravity;
    readonly message: string;
    readonly remedy: string | undefined;
  },
): ConfProblem {
  const problem = { ...placeOf(line), message, ...(remedy === undefined ? {} : { remedy }) };
  return gravity === "settled"
    ? { ...problem, severity: "warning", isSettled: true }
    : { ...problem, severity: gravity };
}

function shorten(text: string): string {
  // What stands before an @ may be a user and a password.
  const clean = printable(text.slice(0, 200)).trim().replace(/^.*@/, "…@");
  return clean.length > 80 ? `${clean.slice(0, 79)}…` : clean;
}
