// deno-lint-ignore-file jsx-key -- written once on the server, never compared with an earlier tree
/** The items of a launcher, a part of them at a time, and the polls that found them. */
import type { OutcomeKind } from "../model.ts";
import { formatBytes, formatDuration, formatFull } from "./format.ts";
import type { PageContext } from "./layout.tsx";
import {
  ActionButton,
  Cell,
  Counts,
  Head,
  ItemName,
  Moment,
  OutcomeBadge,
  OUTCOMES,
  Reported,
} from "./parts.tsx";
import { launcherPath } from "./paths.ts";
import type { ItemRow, PollView } from "./view.ts";

/** Which part of the items is shown. */
export interface ItemsChoice {
  readonly outcome?: OutcomeKind | undefined;
  readonly after?: string | undefined;
  /** Whether there are more after these. */
  readonly hasMore: boolean;
}

/** Items with what became of them, with links to choose by outcome and to go on. */
export function Items({ launcher, root, items, choice, page }: {
  launcher: string;
  /** Of the COLD: documents below it are named from there. */
  root: string;
  items: readonly ItemRow[];
  choice: ItemsChoice;
  page: PageContext;
}) {
  const { texts } = page;
  const last = items.at(-1);
  return (
    <>
      <nav class="choices" aria-label={texts.filterItems}>
        <Choice href={itemsPath(launcher)} isCurrent={choice.outcome === undefined}>{texts.all}</Choice>
        {OUTCOMES.map((outcome) => (
          <Choice href={itemsPath(launcher, { outcome })} isCurrent={choice.outcome === outcome}>
            {texts.outcomes[outcome]}
          </Choice>
        ))}
      </nav>
      {items.length === 0
        ? <p class="empty">{texts.noItems}</p>
        : <ItemTable items={items} root={root} page={page} />}
      <nav class="pager" aria-label={texts.lastItems}>
        {choice.after && <a href={itemsPath(launcher, { outcome: choice.outcome })}>{texts.newest}</a>}
        {choice.hasMore && last && (
          <a href={itemsPath(launcher, { outcome: choice.outcome, after: last.id })}>{texts.older}</a>
        )}
      </nav>
    </>
  );
}

function Choice({ href, isCurrent, children }: { href: string; isCurrent: boolean; children?: string }) {
  return <a href={href} aria-current={isCurrent ? "true" : undefined}>{children}</a>;
}

function itemsPath(
  launcher: string,
  choice: { outcome?: OutcomeKind | undefined; after?: string } = {},
): string {
  const query = new URLSearchParams();
  if (choice.outcome !== undefined) query.set("outcome", choice.outcome);
  if (choice.after !== undefined) query.set("after", choice.after);
  return `${launcherPath(launcher)}${query.size === 0 ? "" : `?${query}`}#items`;
}

function ItemTable({ items, root, page }: { items: readonly ItemRow[]; root: string; page: PageContext }) {
  const { texts, lang } = page;
  return (
    <table class="cards">
      <Head
        columns={[texts.item, texts.outcome, texts.documents, texts.size, texts.date]}
        actions={texts.actions}
      />
      <tbody>
        {items.map((item) => (
          <tr>
            <th scope="row">
              <ItemName item={item} hint={item.key} />
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
              {item.documents.map((path) => <code class="address" title={path}>{nameBelow(root, path)}
              </code>)}
            </Cell>
            <Cell label={texts.size}>
              {item.sizeBytes === undefined ? "" : formatBytes(item.sizeBytes, lang)}
            </Cell>
            <Cell label={texts.date}>
              <time datetime={item.at.toISOString()}>{formatFull(item.at, lang)}</time>
            </Cell>
            <td class="buttons">
              {item.outcome === "delivered" && !item.isOriginalDeleted && (
                <div class="actions">
                  <ActionButton
                    page={page}
                    action={`/api/items/${item.id}/redeliver`}
                    label={texts.redeliver}
                    name={item.title ?? item.label}
                    id={`redeliver ${item.id}`}
                    confirm={texts.redeliverConfirm}
                  />
                </div>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function nameBelow(root: string, path: string): string {
  const isBelow = path.startsWith(root) && /^[/\\]/.test(path.slice(root.length));
  return isBelow ? path.slice(root.length + 1) : path;
}

/** The last polls; like ones in a row are one line. */
export function Polls({ polls, page }: { polls: readonly PollView[]; page: PageContext }) {
  const { texts, lang } = page;
  return (
    <table class="cards">
      <Head columns={[texts.date, texts.duration, texts.result]} />
      <tbody>
        {polls.map((poll) => (
          <tr>
            <th scope="row">
              <Moment date={poll.at} page={page} />
              {poll.times > 1 && <p class="muted">{texts.times(poll.times)}</p>}
            </th>
            <Cell label={texts.duration}>{formatDuration(poll.durationMs, lang)}</Cell>
            <Cell label={texts.result}>
              {poll.error
                ? (
                  <span class="bad">
                    <Reported text={poll.error} page={page} />
                  </span>
                )
                : <Counts counts={poll} page={page} fallback={texts.nothingNew} />}
            </Cell>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
