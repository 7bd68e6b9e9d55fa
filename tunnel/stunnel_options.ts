/** What each option of stunnel.conf becomes. */
import type { ConfLine } from "./stunnel_conf.ts";
import { Draft, finishDraft, type Report, type SectionLine } from "./stunnel_draft.ts";
import { OPTIONS } from "./stunnel_table.ts";
import { readLenient, ValueError } from "./stunnel_values.ts";
import type { ConfProblem, ConfReading, ServiceOptions } from "./types.ts";

const MAX_SECTIONS = 1000;

/** Translates the lines of one configuration. Never throws. */
export function translate(lines: readonly ConfLine[]): ConfReading {
  const { defaults, sections } = group(lines);
  const problems: ConfProblem[] = [];
  if (sections.length > MAX_SECTIONS) {
    const line = sections[MAX_SECTIONS]?.line;
    const message = `Cannot run the sections from here on: there are more than ${MAX_SECTIONS}`;
    problems.push({ ...place(line ?? lines[0]), severity: "error", message });
  }
  for (const line of defaults) reportDefault(line, problems);
  const services: ServiceOptions[] = [];
  const names = new Set<string>();
  for (const section of sections.slice(0, MAX_SECTIONS)) {
    const service = translateSection(section, { defaults, problems });
    if (service !== undefined) services.push(service);
    const { name } = section.line.content;
    if (names.has(name)) {
      const message = `There is another section "${name}": both run, but neither can be named by a launcher`;
      problems.push({ ...place(section.line), section: name, severity: "info", message });
    }
    names.add(name);
  }
  if (sections.length === 0 && lines[0] !== undefined) {
    problems.push({
      severity: "error",
      file: lines[0].file,
      message: "Cannot find a section: without one stunnel runs under inetd, which this does not",
      remedy: "Begin a service with a line such as [gmail-pop3]",
    });
  }
  return { services, problems };
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
    else if (line.content.kind !== "ignored") (sections.at(-1)?.body ?? defaults).push(line);
  }
  return { defaults, sections };
}

function isSection(line: ConfLine): line is SectionLine {
  return line.content.kind === "section";
}

function place(line: ConfLine | undefined): { file: string; line?: number } {
  return line === undefined ? { file: "" } : { file: line.file, line: line.line };
}

/** Reports once what stands before the first section; its service options are read again for every section. */
function reportDefault(line: ConfLine, problems: ConfProblem[]): void {
  readOption(new Draft(), line, {
    global: true,
    report: (severity, message, remedy) => problems.push(problem(line, { severity, message, remedy })),
  });
}

function problem(
  line: ConfLine,
  { remedy, section, ...rest }: {
    severity: ConfProblem["severity"];
    message: string;
    remedy?: string | undefined;
    section?: string;
  },
): ConfProblem {
  return {
    ...place(line),
    ...(section === undefined ? {} : { section }),
    ...rest,
    ...(remedy === undefined ? {} : { remedy }),
  };
}

function translateSection(
  { line: sectionLine, body }: Section,
  { defaults, problems }: { readonly defaults: readonly ConfLine[]; readonly problems: ConfProblem[] },
): ServiceOptions | undefined {
  const draft = new Draft();
  const section = sectionLine.content.name;
  let faulty = false;
  const reporter = (line: ConfLine): Report => (severity, message, remedy) => {
    faulty ||= severity === "error";
    problems.push(problem(line, { severity, message, remedy, section }));
  };
  if (sectionLine.content.lenient) reporter(sectionLine)("warning", REFUSED_COMMENT);
  for (const line of defaults) {
    // Only a fault of an inherited option concerns the section; the rest was said once.
    const report: Report = (severity, message, remedy) => {
      if (severity !== "error" || !isServiceOption(line)) return;
      reporter(line)(severity, message, remedy);
    };
    readOption(draft, line, { global: true, report });
  }
  for (const line of body) readOption(draft, line, { global: false, report: reporter(line) });
  const service = finishDraft(draft, sectionLine, reporter(sectionLine));
  return faulty ? undefined : service;
}

const REFUSED_COMMENT =
  "stunnel would reject this line: a comment needs a line of its own; it is ignored here";

function isServiceOption({ content }: ConfLine): boolean {
  return content.kind === "option" && OPTIONS.get(content.name.toLowerCase())?.scope === "service";
}

function readOption(
  draft: Draft,
  { content, raw }: ConfLine,
  { global, report }: { readonly global: boolean; readonly report: Report },
): void {
  if (content.kind === "invalid") {
    // Only the first word: the rest may be a password.
    report("error", `Cannot read the line "${shorten(raw.trim().split(/\s/)[0] ?? "")}": ${content.reason}`);
  }
  if (content.kind !== "option") return;
  const option = OPTIONS.get(content.name.toLowerCase());
  if (option === undefined) {
    report(
      "error",
      `Cannot use the option "${shorten(content.name)}": neither stunnel nor this program knows it`,
    );
    return;
  }
  if (option.scope === "global" && !global) {
    report("error", `Cannot use "${content.name}" in a section: it belongs before the first one`);
    return;
  }
  try {
    if (!("read" in option)) {
      report(option.severity, `${content.name}: ${option.message}`, option.remedy);
      return;
    }
    const { lenient } = readLenient(content.value, (text) => option.read(draft, text, report));
    if (lenient) report("warning", REFUSED_COMMENT);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    const shown = option.secret === true ? "" : ` "${shorten(content.value)}"`;
    report("error", `Cannot use ${content.name} =${shown}: ${error.message}`, error.remedy);
  }
}

function shorten(text: string): string {
  const clean = text.replaceAll(/\p{Cc}/gu, "").trim();
  return clean.length > 80 ? `${clean.slice(0, 79)}…` : clean;
}
