/** What an administrator reads first: all is well, or what is not, the worst first. */
import type { LauncherView, Snapshot, TunnelView } from "./view.ts";
import { type Lang, TEXTS, type Texts } from "./texts.ts";
import { launcherPath, tunnelPath } from "./paths.ts";

const SEVERITIES = ["error", "warning", "info"] as const;
/** A certificate that has no more days than this is worth a word. */
export const CERTIFICATE_NOTICE_DAYS = 14;
const DAY_MS = 86_400_000;
/** Shares of the quarantine's bound. */
const FILLING = 0.5;
const NEARLY_FULL = 0.9;
const UNFINISHED_SHOWN = 3;
/** Servers that ask to wait mostly mean minutes: nobody has to do anything before. */
const BUSY_MS = 15 * 60_000;

/** How bad something is. */
export type Severity = typeof SEVERITIES[number];

/** One thing to know, in the language asked for. */
export interface HeadlineLine {
  readonly severity: Severity;
  readonly text: string;
  /** What the gateway itself reports. */
  readonly detail?: string;
  /** The way to mend it. */
  readonly remedy?: string;
  /** The page that tells more. */
  readonly href?: string;
}

/** The headline; `ok` unless something is in error. */
export interface Headline {
  readonly ok: boolean;
  /** The worst of the lines; `ok` when there is none. */
  readonly severity: Severity | "ok";
  readonly title: string;
  readonly lines: readonly HeadlineLine[];
}

/**
 * Sums up a snapshot, for the page and for the terminal. `now` decides which certificates end soon; `pageFault` is why
 * the page is not open.
 */
export function headline(
  snapshot: Snapshot,
  lang: Lang,
  options: { now?: Date; pageFault?: string | undefined } = {},
): Headline {
  const texts = TEXTS[lang];
  const now = options.now ?? new Date();
  const found = [
    ...(snapshot.stopping ? [{ severity: "warning", text: texts.stopping } as const] : []),
    ...sharingFaults(snapshot.launchers).flatMap(([first, ...others]) =>
      aboutLauncher(first, { others, snapshot, texts, now })
    ),
    // Documents that wait for somebody come before what may go wrong one day.
    ...aboutQuarantine(snapshot, texts),
    ...snapshot.tunnels.flatMap((tunnel) => aboutTunnel(tunnel, { snapshot, texts, now })),
    ...aboutProblems(snapshot, texts),
    ...(snapshot.silent ?? []).map(({ channel, reason }) => ({
      severity: "warning" as const,
      text: texts.cannotNotify(channel),
      detail: texts.reported(reason),
      remedy: texts.cannotNotifyRemedy,
    })),
    ...(options.pageFault === undefined ? [] : [{
      severity: "warning" as const,
      text: texts.pageClosed,
      detail: texts.reported(options.pageFault),
      remedy: texts.pageClosedRemedy,
    }]),
    ...aboutNothing(snapshot, texts),
  ];
  const lines = SEVERITIES.flatMap((severity) => found.filter((line) => line.severity === severity));
  const errors = lines.filter((line) => line.severity === "error").length;
  const notes = lines.filter((line) => line.severity === "warning").length;
  return {
    ok: errors === 0,
    severity: lines[0]?.severity ?? "ok",
    title: errors > 0 ? texts.wrong(errors) : notes > 0 ? texts.worksWithNotes(notes) : texts.allWell,
    lines,
  };
}

/** Launchers, those together that report the very same: one folder that is missing is one problem. */
function sharingFaults(launchers: readonly LauncherView[]): [LauncherView, ...LauncherView[]][] {
  const groups = new Map<string, [LauncherView, ...LauncherView[]]>();
  for (const launcher of launchers) {
    const { name, state, error } = launcher;
    const key = state === "error" && error ? JSON.stringify([error.fault, error.message]) : `"${name}`;
    const group = groups.get(key);
    if (group) group.push(launcher);
    else groups.set(key, [launcher]);
  }
  return [...groups.values()];
}

function aboutLauncher(
  launcher: LauncherView,
  { others, snapshot, texts, now }: {
    /** That report the same. */
    others: readonly LauncherView[];
    snapshot: Snapshot;
    texts: Texts;
    now: Date;
  },
): HeadlineLine[] {
  const { name, state, error } = launcher;
  const href = launcherPath(name);
  const detail = error === undefined ? {} : { detail: texts.reported(error.message) };
  if (state === "locked") {
    const remedy = texts.launcherLockedRemedy;
    return [{ severity: "error", text: texts.launcherLocked(name), ...detail, remedy, href }];
  }
  if (state === "error") {
    // What is wrong in its file is said once, as a problem of that file.
    if (error?.fault === "configuration" && hasErrors(snapshot)) return [];
    const isBusy = error?.fault === "busy" && now.getTime() - error.since.getTime() < BUSY_MS;
    return [{
      severity: isBusy ? "warning" : "error",
      text: others.length === 0
        ? texts.launcherInError(name)
        : texts.launchersInError([launcher, ...others].map(({ name }) => name)),
      ...detail,
      ...launcherAdvice(launcher, texts),
      href: others.length === 0 ? href : "/#launchers",
    }];
  }
  if (state === "paused") {
    return [{
      severity: "info",
      text: texts.launcherPaused(name),
      remedy: texts.launcherPausedRemedy,
      href,
    }];
  }
  if (!launcher.enabled) return [];
  const failed = launcher.lastPoll?.failed ?? 0;
  return [
    ...failed === 0 ? [] : [
      {
        severity: "warning",
        text: texts.itemsFailed(name, failed),
        remedy: texts.itemsFailedRemedy,
        href,
      } as const,
    ],
    ...aboutUnfinished(launcher, texts),
  ];
}

function aboutUnfinished({ name, unfinished = [] }: LauncherView, texts: Texts): HeadlineLine[] {
  if (unfinished.length === 0) return [];
  const shown = unfinished.slice(0, UNFINISHED_SHOWN).map(({ label, reason }) =>
    `${label}${texts.colon}${texts.reported(reason)}`
  );
  return [{
    severity: "warning",
    text: texts.unfinished(name, unfinished.length),
    detail: [...shown, ...unfinished.length > shown.length ? ["…"] : []].join(texts.semicolon),
    remedy: texts.unfinishedRemedy,
    href: launcherPath(name),
  }];
}

/** The gateway's own advice is more exact than that of the fault. */
function launcherAdvice({ error }: LauncherView, texts: Texts): { remedy?: string } {
  if (error?.remedy !== undefined) return { remedy: texts.reported(error.remedy) };
  return error?.fault === undefined ? {} : { remedy: texts.faults[error.fault] };
}

function aboutTunnel(
  tunnel: TunnelView,
  { snapshot, texts, now }: { snapshot: Snapshot; texts: Texts; now: Date },
): HeadlineLine[] {
  const { name, state, error } = tunnel;
  const href = tunnelPath(name);
  if (state === "faulty" || state === "error") {
    if (state === "faulty" && hasErrors(snapshot, tunnel.file)) return [];
    const text = state === "faulty" ? texts.tunnelFaulty(name) : texts.tunnelInError(name);
    if (error === undefined) return [{ severity: "error", text, href }];
    const advice = error.remedies.length === 0
      ? {}
      : { remedy: error.remedies.map(texts.reported).join(texts.orElse) };
    return [{ severity: "error", text, detail: texts.reported(error.message), ...advice, href }];
  }
  if (state === "stopped") return [{ severity: "warning", text: texts.tunnelStopped(name), href }];
  const lines: HeadlineLine[] = [];
  if (tunnel.client && !tunnel.verification.on) {
    const remedy = texts.tunnelUnverifiedRemedy;
    lines.push({ severity: "warning", text: texts.tunnelUnverified(name), remedy, href });
  }
  const validTo = tunnel.tls?.validTo;
  if (validTo !== undefined) {
    const days = daysLeft(validTo, now);
    if (days <= CERTIFICATE_NOTICE_DAYS) {
      const remedy = texts.certificateEndsRemedy;
      lines.push({ severity: "warning", text: texts.certificateEnds(name, days), remedy, href });
    }
  }
  return lines;
}

/** Whole days until a certificate ends; negative when it has. */
export function daysLeft(validTo: Date, now: Date): number {
  return Math.floor((validTo.getTime() - now.getTime()) / DAY_MS);
}

/** Whether the configuration, or one file of it, has an error. */
function hasErrors(snapshot: Snapshot, file?: string): boolean {
  return snapshot.problems.some((problem) =>
    problem.severity === "error" && (file === undefined || problem.file === file)
  );
}

/** A place in a file, as the page and the terminal write it: the file with its folder, which is the same for most. */
export function problemPlace(
  { file, line }: { file: string; line?: number | undefined },
  texts: Texts,
): string {
  const near = shortPath(file);
  return line === undefined ? near : `${near}, ${texts.line(line)}`;
}

/** The last two parts of a path. */
export function shortPath(path: string): string {
  return /[^/\\]+[/\\][^/\\]+$/.exec(path)?.[0] ?? path;
}

function aboutProblems(snapshot: Snapshot, texts: Texts): HeadlineLine[] {
  return snapshot.problems.filter(({ severity }) => severity !== "info").map((problem) => ({
    severity: problem.severity,
    text: texts.problemInFile(problemPlace(problem, texts)),
    detail: texts.reported(problem.message),
    ...(problem.remedy === undefined ? {} : { remedy: texts.reported(problem.remedy) }),
    href: "/#problems",
  }));
}

function aboutQuarantine(snapshot: Snapshot, texts: Texts): HeadlineLine[] {
  const { count, sizeBytes = 0, maxBytes = Infinity } = snapshot.quarantine;
  const href = "/quarantine";
  const share = sizeBytes / maxBytes;
  return [
    ...share < FILLING ? [] : [
      {
        severity: share < NEARLY_FULL ? "warning" : "error",
        text: texts.quarantineFilling(Math.floor(share * 100)),
        remedy: texts.quarantineFillingRemedy,
        href,
      } as const,
    ],
    ...count === 0 ? [] : [
      {
        severity: "warning",
        text: texts.inQuarantine(count),
        remedy: texts.inQuarantineRemedy,
        href,
      } as const,
    ],
  ];
}

function aboutNothing(snapshot: Snapshot, texts: Texts): HeadlineLine[] {
  if (snapshot.launchers.some(({ enabled }) => enabled) || snapshot.tunnels.length > 0) return [];
  return [{ severity: "info", text: texts.nothingConfigured, remedy: texts.nothingConfiguredRemedy }];
}
