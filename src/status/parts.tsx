// deno-lint-ignore-file jsx-key -- written once on the server, never compared with an earlier tree
/** The small pieces pages are put together from. */
import type { Child } from "hono/jsx";
import type { OutcomeKind } from "../model.ts";
import { formatBytes, formatDuration, formatFull, formatNumber, formatRelative } from "./format.ts";
import type { Severity } from "./headline.ts";
import type { PageContext } from "./layout.tsx";
import type { LauncherState, LauncherView, OutcomeCounts, TunnelState } from "./view.ts";

/** How something stands, shown by a colour and always said in words too. */
export type Tone = "good" | "busy" | "quiet" | "warn" | "bad";

const LAUNCHER_TONES: Record<LauncherState, Tone> = {
  idle: "good",
  polling: "busy",
  waiting: "good",
  paused: "warn",
  disabled: "quiet",
  error: "bad",
  locked: "bad",
};

const TUNNEL_TONES: Record<TunnelState, Tone> = {
  listening: "good",
  error: "bad",
  starting: "busy",
  stopped: "quiet",
  faulty: "bad",
};

const OUTCOME_TONES: Record<OutcomeKind, Tone> = {
  delivered: "good",
  skipped: "quiet",
  quarantined: "warn",
  failed: "bad",
};

const SEVERITY_TONES: Record<Severity | "ok", Tone> = {
  ok: "good",
  info: "quiet",
  warning: "warn",
  error: "bad",
};

/** Every outcome, the best first. */
export const OUTCOMES = ["delivered", "skipped", "quarantined", "failed"] as const;

/** A word in a coloured pill. */
export function Badge({ tone, children }: { tone: Tone; children?: Child }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

/** A launcher's state. */
export function LauncherBadge({ state, page }: { state: LauncherState; page: PageContext }) {
  return <Badge tone={LAUNCHER_TONES[state]}>{page.texts.states[state]}</Badge>;
}

/** A service's state. */
export function TunnelBadge({ state, page }: { state: TunnelState; page: PageContext }) {
  return <Badge tone={TUNNEL_TONES[state]}>{page.texts.tunnelStates[state]}</Badge>;
}

/** What became of an item. */
export function OutcomeBadge({ outcome, page }: { outcome: OutcomeKind; page: PageContext }) {
  return <Badge tone={OUTCOME_TONES[outcome]}>{page.texts.outcomes[outcome]}</Badge>;
}

/** How bad a problem is. */
export function SeverityBadge({ severity, page }: { severity: Severity; page: PageContext }) {
  return <Badge tone={SEVERITY_TONES[severity]}>{page.texts.severities[severity]}</Badge>;
}

/** A tick, an exclamation mark or a cross; decoration beside words. */
export function Mark({ severity }: { severity: Severity | "ok" }) {
  return (
    <svg class={`mark ${SEVERITY_TONES[severity]}`} viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="12" cy="12" r="11" />
      {severity === "ok" && <path d="M7 12.5l3.5 3.5L17 9" />}
      {severity === "error" && <path d="M8 8l8 8M16 8l-8 8" />}
      {severity === "warning" && <path d="M12 6.5v7M12 17v.5" />}
      {severity === "info" && <path d="M12 11v6.5M12 7v.5" />}
    </svg>
  );
}

/** How long ago or ahead; date and time on hovering. */
export function Moment({ date, page }: { date: Date; page: PageContext }) {
  return (
    <time datetime={date.toISOString()} title={formatFull(date, page.lang)}>
      {formatRelative(date, page)}
    </time>
  );
}

/** What the gateway reports, in the reader's language; what it quotes of a file, a mail or a server stays as it is. */
export function Reported({ text, page }: { text: string; page: PageContext }) {
  return <span class="reported">{page.texts.reported(text)}</span>;
}

/** The outcomes that occurred, in words; `fallback` when none did. */
export function Counts({ counts, page, fallback }: {
  counts: OutcomeCounts & { readonly known?: number };
  page: PageContext;
  fallback: string;
}) {
  const { texts } = page;
  const occurred = OUTCOMES.filter((outcome) => counts[outcome] > 0);
  if (occurred.length === 0) {
    return <p class="muted">{counts.known ? texts.known(counts.known) : fallback}</p>;
  }
  return (
    <ul class="counts">
      {occurred.map((outcome) => (
        <li class={OUTCOME_TONES[outcome]}>{texts.counted[outcome](counts[outcome])}</li>
      ))}
    </ul>
  );
}

/** The outcomes that occurred, as one text; empty when none did. */
export function countsText(counts: OutcomeCounts, { texts }: PageContext): string {
  return OUTCOMES.filter((outcome) => counts[outcome] > 0)
    .map((outcome) => texts.counted[outcome](counts[outcome])).join(", ");
}

/** A number in the reader's notation. */
export function Count({ value, page }: { value: number; page: PageContext }) {
  return <>{formatNumber(value, page.lang)}</>;
}

/** One button that is a form of its own; it names what it acts on for those who only hear it. */
export function ActionButton({ page, action, label, name, id, disabled, confirm, isFinal }: {
  page: PageContext;
  action: string;
  label: string;
  name: string;
  id: string;
  disabled?: boolean;
  /** Asked before it is done, where there is script. */
  confirm?: string;
  /** Whether it cannot be undone: such an action has a page that asks again where there is no script. */
  isFinal?: boolean;
}) {
  return (
    <form method="post" action={action} data-action data-confirm={confirm}>
      <input type="hidden" name="back" value={page.path} />
      <button
        type="submit"
        id={id}
        class={isFinal ? "danger" : undefined}
        disabled={disabled}
        aria-label={page.texts.actionOn(label, name)}
      >
        {label}
      </button>
    </form>
  );
}

/** The buttons of a launcher that make sense in its state. */
export function LauncherActions({ launcher, page }: { launcher: LauncherView; page: PageContext }) {
  const { texts } = page;
  const { name, state, error } = launcher;
  if (state === "disabled" || error?.fault === "configuration") return null;
  const api = `/api/launchers/${encodeURIComponent(name)}`;
  const halted = state === "paused" || state === "locked";
  const second = halted ? "resume" : "pause";
  return (
    <div class="actions">
      <ActionButton
        page={page}
        action={`${api}/run`}
        label={texts.run}
        name={name}
        id={`run ${name}`}
        disabled={state === "polling"}
      />
      <ActionButton
        page={page}
        action={`${api}/${second}`}
        label={texts[second]}
        name={name}
        id={`halt ${name}`}
      />
    </div>
  );
}

/** How far a running poll is, how fast, and for how long still; a bar that fills when the end is known. */
export function ProgressBar({ launcher, page }: { launcher: LauncherView; page: PageContext }) {
  const { progress } = launcher;
  if (progress === undefined) return null;
  const { texts, lang } = page;
  const { done, of, bytes, label, itemsPerSecond, bytesPerSecond } = progress;
  const shown = formatNumber(done, lang);
  const left = of === undefined || !itemsPerSecond ? undefined : (of - done) / itemsPerSecond;
  const figures = [
    of === undefined ? shown : texts.progressOf(shown, formatNumber(of, lang)),
    bytes > 0 && formatBytes(bytes, lang),
    bytesPerSecond && bytesPerSecond > 0 && texts.perSecond(formatBytes(bytesPerSecond, lang)),
    left !== undefined && left > 0 && texts.timeLeft(formatDuration(Math.max(left, 1) * 1000, lang)),
  ];
  return (
    <div class="progress">
      <progress aria-label={texts.progress} max={of} value={of === undefined ? undefined : done} />
      <p class="figures">
        {figures.filter((figure) => typeof figure === "string").map((figure) => <span>{figure}</span>)}
      </p>
      {label && <p class="muted label">{label}</p>}
    </div>
  );
}

/** What an item is called by people, and below that what tells it from others; `hint` shows on hovering. */
export function ItemName({ item: { title, label, place }, hint }: {
  item: { readonly title?: string | undefined; readonly label: string; readonly place?: string | undefined };
  hint?: string;
}) {
  const more = [title ? label : undefined, place === label ? undefined : place].filter((part) => part);
  return (
    <>
      {title || label}
      {more.length > 0 && <p class="muted target" title={hint}>{more.join(" · ")}</p>}
    </>
  );
}

/** The names of a table's columns; `actions` names one of buttons to those who only hear it. */
export function Head({ columns, actions }: { columns: readonly string[]; actions?: string }) {
  return (
    <thead>
      <tr>
        {columns.map((column) => <th scope="col">{column}</th>)}
        {actions && (
          <th scope="col">
            <span class="hidden">{actions}</span>
          </th>
        )}
      </tr>
    </thead>
  );
}

/** A table cell; on a narrow screen its column's name stands beside it. */
export function Cell({ label, kind, children }: { label: string; kind?: string; children?: Child }) {
  return (
    <td data-label={label} class={kind}>
      <div>{children}</div>
    </td>
  );
}
