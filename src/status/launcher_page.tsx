/** The page of one launcher: how it stands, its configuration, what it found last. */
import { DayChart, SkippedBy } from "./chart.tsx";
import { Items, type ItemsChoice, Polls } from "./items.tsx";
import { Layout, type PageContext } from "./layout.tsx";
import { LastPoll, NextPoll } from "./overview.tsx";
import { Count, Counts, LauncherActions, LauncherBadge, Moment, ProgressBar, Reported } from "./parts.tsx";
import type { ItemRow, LauncherView, PollView, Snapshot } from "./view.ts";

/** The page at `/launchers/NAME`. */
export function LauncherPage({ page, snapshot, launcher, items, choice, polls }: {
  page: PageContext;
  snapshot: Snapshot;
  launcher: LauncherView;
  items: readonly ItemRow[];
  choice: ItemsChoice;
  polls: readonly PollView[];
}) {
  const { texts } = page;
  const { activity } = launcher;
  return (
    <Layout page={page} title={`${launcher.name} · Lanceur`} snapshot={snapshot}>
      <section id="launcher" data-live>
        <div class="heading">
          <h1>{launcher.name}</h1>
          <LauncherBadge state={launcher.state} page={page} />
          <LauncherActions launcher={launcher} page={page} />
        </div>
        {launcher.description && <p class="lead">{launcher.description}</p>}
        <ProgressBar launcher={launcher} page={page} />
        <LauncherFault launcher={launcher} page={page} />
        <Facts launcher={launcher} page={page} />
        {activity && (
          <div class="day">
            <h2>{texts.lastDay}</h2>
            <DayChart activity={activity} page={page} isLarge />
            <SkippedBy activity={activity} page={page} />
          </div>
        )}
      </section>
      <section id="items" data-live aria-labelledby="items-title">
        <h2 id="items-title">{texts.lastItems}</h2>
        <Items launcher={launcher.name} root={snapshot.cold.root} items={items} choice={choice} page={page} />
      </section>
      <section id="polls" data-live aria-labelledby="polls-title">
        <h2 id="polls-title">{texts.polls}</h2>
        {polls.length === 0 ? <p class="empty">{texts.noPolls}</p> : <Polls polls={polls} page={page} />}
      </section>
      <Settings launcher={launcher} page={page} />
    </Layout>
  );
}

function LauncherFault({ launcher, page }: { launcher: LauncherView; page: PageContext }) {
  const { error, state } = launcher;
  if (error === undefined) return null;
  const { texts } = page;
  const advice = state === "locked" ? texts.launcherLockedRemedy : error.fault && texts.faults[error.fault];
  return (
    <div class="fault">
      <p>
        <Reported text={error.message} page={page} />
      </p>
      {advice && <p class="remedy">{advice}</p>}
      {error.remedy && (
        <p class="remedy">
          <Reported text={error.remedy} page={page} />
        </p>
      )}
      <p class="muted">
        <Moment date={error.since} page={page} />
      </p>
    </div>
  );
}

function Facts({ launcher, page }: { launcher: LauncherView; page: PageContext }) {
  const { texts } = page;
  const { totals, waiting, unfinished = [] } = launcher;
  return (
    <dl class="facts">
      <div>
        <dt>{texts.target}</dt>
        <dd>{launcher.target}</dd>
      </div>
      <div>
        <dt>{texts.lastPoll}</dt>
        <dd>
          <LastPoll launcher={launcher} page={page} />
        </dd>
      </div>
      <div>
        <dt>{texts.nextPoll}</dt>
        <dd>
          <NextPoll launcher={launcher} page={page} />
        </dd>
      </div>
      {waiting !== undefined && (
        <div>
          <dt>{texts.waitingItems}</dt>
          <dd>
            <Count value={waiting} page={page} />
          </dd>
        </div>
      )}
      {unfinished.length > 0 && (
        <div>
          <dt>{texts.unfinishedItems}</dt>
          <dd>
            <ul>
              {unfinished.map(({ label, reason, since }) => (
                <li>
                  {label}
                  {texts.colon}
                  <Reported text={reason} page={page} /> (<Moment date={since} page={page} />)
                </li>
              ))}
            </ul>
          </dd>
        </div>
      )}
      <div>
        <dt>{texts.totals}</dt>
        <dd>
          <Counts counts={totals} page={page} fallback="–" />
        </dd>
      </div>
    </dl>
  );
}

function Settings({ launcher, page }: { launcher: LauncherView; page: PageContext }) {
  const settings = launcher.settings ?? [];
  if (settings.length === 0) return null;
  return (
    <section aria-labelledby="settings-title">
      <h2 id="settings-title">{page.texts.settings}</h2>
      <dl class="settings">
        {settings.map(({ name, value }) => (
          <div>
            <dt>{name}</dt>
            <dd>
              <code>{value}</code>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
