// deno-lint-ignore-file jsx-key -- written once on the server, never compared with an earlier tree
/** The first page: the headline, then every launcher, every tunnel service, every problem. */
import type { Problem } from "../errors.ts";
import { DayChart, SkippedBy } from "./chart.tsx";
import { formatDuration } from "./format.ts";
import { headline, type HeadlineLine, problemPlace } from "./headline.ts";
import { Layout, type PageContext } from "./layout.tsx";
import {
  Cell,
  Count,
  Counts,
  Head,
  LauncherActions,
  LauncherBadge,
  Mark,
  Moment,
  ProgressBar,
  Reported,
  SeverityBadge,
} from "./parts.tsx";
import { launcherPath } from "./paths.ts";
import { Tunnels } from "./tunnel_table.tsx";
import type { LauncherView, Snapshot } from "./view.ts";

const MAX_LINES = 8;

/** The page at `/`. */
export function Overview({ page, snapshot }: { page: PageContext; snapshot: Snapshot }) {
  const { texts } = page;
  const summary = headline(snapshot, page.lang, page);
  return (
    <Layout page={page} title={`${summary.title} · Lanceur`} snapshot={snapshot}>
      <section id="headline" class={`headline ${summary.severity}`} data-live aria-live="polite">
        <div class="title">
          <Mark severity={summary.severity === "info" ? "ok" : summary.severity} />
          <h1>{summary.title}</h1>
        </div>
        {summary.lines.length > 0 && <Lines lines={summary.lines} page={page} />}
      </section>
      <section id="launchers" data-live aria-labelledby="launchers-title">
        <h2 id="launchers-title">{texts.launchers}</h2>
        {snapshot.launchers.length === 0
          ? <p class="empty">{texts.noLaunchers}</p>
          : <Launchers launchers={snapshot.launchers} page={page} />}
      </section>
      <section id="tunnels" data-live aria-labelledby="tunnels-title">
        <h2 id="tunnels-title">{texts.tunnels}</h2>
        {snapshot.tunnels.length === 0
          ? <p class="empty">{texts.noTunnels}</p>
          : <Tunnels tunnels={snapshot.tunnels} page={page} />}
      </section>
      <div id="problems" data-live>
        {snapshot.problems.length > 0 && <Problems problems={snapshot.problems} page={page} />}
      </div>
    </Layout>
  );
}

function Lines({ lines, page }: { lines: readonly HeadlineLine[]; page: PageContext }) {
  const shown = lines.slice(0, MAX_LINES);
  const rest = lines.slice(MAX_LINES);
  const problems = rest.filter(({ severity }) => severity === "error").length;
  return (
    <ul class="lines">
      {shown.map((line) => (
        <li>
          <Mark severity={line.severity} />
          <div>
            <p>
              <span class="hidden">{page.texts.severities[line.severity]}:</span>{" "}
              {line.href === undefined ? line.text : <a href={line.href}>{line.text}</a>}
            </p>
            {line.detail && (
              <p class="detail">
                <span class="reported">{line.detail}</span>
              </p>
            )}
            {line.remedy && <p class="remedy">{line.remedy}</p>}
          </div>
        </li>
      ))}
      {rest.length > 0 && (
        <li class="muted">{page.texts.more({ problems, notes: rest.length - problems })}</li>
      )}
    </ul>
  );
}

function Launchers({ launchers, page }: { launchers: readonly LauncherView[]; page: PageContext }) {
  const { texts } = page;
  return (
    <table class="cards">
      <Head
        columns={[texts.launcher, texts.state, texts.polls, texts.waitingItems, texts.lastDay, texts.totals]}
        actions={texts.actions}
      />
      <tbody>{launchers.map((launcher) => <LauncherRow launcher={launcher} page={page} />)}</tbody>
    </table>
  );
}

function LauncherRow({ launcher, page }: { launcher: LauncherView; page: PageContext }) {
  const { texts } = page;
  const { name, description, target, state, totals, activity } = launcher;
  return (
    <tr class={state === "disabled" ? "off" : undefined}>
      <th scope="row">
        <a href={launcherPath(name)}>{name}</a>
        {description && <p class="muted">{description}</p>}
        <p class="muted target">{target}</p>
      </th>
      <Cell label={texts.state}>
        <LauncherBadge state={state} page={page} />
        {launcher.error && (
          <p class="muted">
            <Moment date={launcher.error.since} page={page} />
          </p>
        )}
        <ProgressBar launcher={launcher} page={page} />
      </Cell>
      <Cell label={texts.polls} kind="polls">
        <span class="hidden">{texts.lastPoll}:</span>
        <LastPoll launcher={launcher} page={page} />
        {state !== "disabled" && (
          <p class="muted next">
            {texts.next} <NextPoll launcher={launcher} page={page} />
          </p>
        )}
      </Cell>
      <Cell label={texts.waitingItems}>
        {launcher.waiting === undefined
          ? <span class="muted">–</span>
          : <Count value={launcher.waiting} page={page} />}
      </Cell>
      <Cell label={texts.lastDay}>
        {activity && (
          <>
            <DayChart activity={activity} page={page} />
            <SkippedBy activity={activity} page={page} />
          </>
        )}
      </Cell>
      <Cell label={texts.totals}>
        <Counts counts={totals} page={page} fallback="–" />
      </Cell>
      <td class="buttons">
        <LauncherActions launcher={launcher} page={page} />
      </td>
    </tr>
  );
}

/** When a launcher last looked, and what it found. */
export function LastPoll({ launcher, page }: { launcher: LauncherView; page: PageContext }) {
  const { lastPoll, polledAt } = launcher;
  if (lastPoll === undefined) {
    return polledAt ? <Moment date={polledAt} page={page} /> : <span class="muted">{page.texts.never}</span>;
  }
  return (
    <>
      <Moment date={lastPoll.at} page={page} />{" "}
      <span class="muted">{page.texts.took(formatDuration(lastPoll.durationMs, page.lang))}</span>
      <Counts counts={lastPoll} page={page} fallback={page.texts.nothingNew} />
    </>
  );
}

/** When a launcher looks next. */
export function NextPoll({ launcher, page }: { launcher: LauncherView; page: PageContext }) {
  const { nextPoll, state } = launcher;
  // It ticks on to notice a corrected password, but does not poll.
  if (nextPoll !== undefined && state !== "locked") return <Moment date={nextPoll} page={page} />;
  return <span class="muted">{state === "waiting" ? page.texts.byPush : page.texts.none}</span>;
}

function Problems({ problems, page }: { problems: readonly Problem[]; page: PageContext }) {
  const { texts } = page;
  return (
    <section aria-labelledby="problems-title">
      <h2 id="problems-title">{texts.problems}</h2>
      <table class="cards">
        <Head columns={[texts.place, texts.state, texts.problem, texts.remedy]} />
        <tbody>
          {problems.map((problem) => (
            <tr>
              <th scope="row">{problemPlace(problem, texts)}</th>
              <Cell label={texts.state}>
                <SeverityBadge severity={problem.severity} page={page} />
              </Cell>
              <Cell label={texts.problem}>
                <Reported text={problem.message} page={page} />
              </Cell>
              <Cell label={texts.remedy}>
                {problem.remedy && <Reported text={problem.remedy} page={page} />}
              </Cell>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
