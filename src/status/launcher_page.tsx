// deno-lint-ignore-file jsx-key -- written once on the server, never compared with an earlier tree
/** The page of one launcher: how it stands, its configuration, what it found last. */
import { formatBytes, formatFull } from "./format.ts";
import { Layout, type PageContext } from "./layout.tsx";
import { LastPoll, NextPoll } from "./overview.tsx";
import {
  Cell,
  Count,
  Counts,
  LauncherActions,
  LauncherBadge,
  Moment,
  OutcomeBadge,
  ProgressBar,
  Reported,
} from "./parts.tsx";
import type { ItemRow, LauncherView, Snapshot } from "./view.ts";

/** The page at `/launchers/NAME`. */
export function LauncherPage({ page, snapshot, launcher, items }: {
  page: PageContext;
  snapshot: Snapshot;
  launcher: LauncherView;
  items: readonly ItemRow[];
}) {
  const { texts } = page;
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
      </section>
      <section id="items" data-live aria-labelledby="items-title">
        <h2 id="items-title">{texts.lastItems}</h2>
        {items.length === 0 ? <p class="empty">{texts.noItems}</p> : <Items items={items} page={page} />}
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
                  {label}: <Reported text={reason} page={page} /> (<Moment date={since} page={page} />)
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

function Items({ items, page }: { items: readonly ItemRow[]; page: PageContext }) {
  const { texts, lang } = page;
  return (
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">{texts.item}</th>
          <th scope="col">{texts.outcome}</th>
          <th scope="col">{texts.documents}</th>
          <th scope="col">{texts.size}</th>
          <th scope="col">{texts.date}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr>
            <th scope="row">
              {item.label}
              <p class="muted target">{item.key}</p>
            </th>
            <Cell label={texts.outcome}>
              <OutcomeBadge outcome={item.outcome} page={page} />
              {item.reason && (
                <p class="muted">
                  <Reported text={item.reason} page={page} />
                </p>
              )}
            </Cell>
            <Cell label={texts.documents}>
              {item.documents.map((path) => <code class="address">{path}</code>)}
            </Cell>
            <Cell label={texts.size}>
              {item.sizeBytes === undefined ? "" : formatBytes(item.sizeBytes, lang)}
            </Cell>
            <Cell label={texts.date}>
              <time datetime={item.at.toISOString()}>{formatFull(item.at, lang)}</time>
            </Cell>
          </tr>
        ))}
      </tbody>
    </table>
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
