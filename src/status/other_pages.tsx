/** The quarantine, the sign-in form, and pages that only say something. */
import { formatBytes, formatFull } from "./format.ts";
import { Layout, type PageContext } from "./layout.tsx";
import { ActionButton, Cell, Count, Head, ItemName, Reported } from "./parts.tsx";
import { launcherPath, quarantinePath } from "./paths.ts";
import type { QuarantineRow, Snapshot } from "./view.ts";

/** The page at `/quarantine`. */
export function QuarantinePage({ page, snapshot, rows }: {
  page: PageContext;
  snapshot: Snapshot;
  rows: readonly QuarantineRow[];
}) {
  const { texts } = page;
  return (
    <Layout page={page} title={`${texts.quarantine} · Lanceur`} snapshot={snapshot}>
      <section id="quarantine" data-live>
        <h1>{texts.quarantine}</h1>
        {rows.length === 0 ? <p class="empty">{texts.quarantineEmpty}</p> : (
          <>
            <p class="lead">{texts.quarantineIntro}</p>
            <Rows rows={rows} page={page} />
          </>
        )}
      </section>
    </Layout>
  );
}

function Rows({ rows, page }: { rows: readonly QuarantineRow[]; page: PageContext }) {
  const { texts, lang } = page;
  return (
    <table class="cards">
      <Head
        columns={[texts.item, texts.launcher, texts.reason, texts.attempts, texts.size, texts.date]}
        actions={texts.actions}
      />
      <tbody>
        {rows.map((row) => (
          <tr>
            <th scope="row">
              <ItemName item={row} />
              <p class="muted target">{row.id}</p>
            </th>
            <Cell label={texts.launcher}>
              <a href={launcherPath(row.launcher)}>{row.launcher}</a>
            </Cell>
            <Cell label={texts.reason}>
              <Reported text={row.reason} page={page} />
            </Cell>
            <Cell label={texts.attempts}>
              <Count value={row.attempts} page={page} />
            </Cell>
            <Cell label={texts.size}>{formatBytes(row.sizeBytes, lang)}</Cell>
            <Cell label={texts.date}>
              <time datetime={row.at.toISOString()}>{formatFull(row.at, lang)}</time>
            </Cell>
            <td class="buttons">
              <div class="actions">
                <ActionButton
                  page={page}
                  action={`${quarantinePath(row.id)}/retry`}
                  label={texts.retry}
                  name={row.title ?? row.label}
                  id={`retry ${row.id}`}
                />
                <a
                  class="button"
                  href={`${quarantinePath(row.id)}/original`}
                  download
                  aria-label={texts.actionOn(texts.download, row.title ?? row.label)}
                >
                  {texts.download}
                </a>
                <ActionButton
                  page={page}
                  action={`${quarantinePath(row.id)}/drop`}
                  label={texts.drop}
                  name={row.title ?? row.label}
                  id={`drop ${row.id}`}
                  confirm={texts.dropConfirm}
                  isFinal
                />
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The form that asks for password or token; `complaint` says why the last try failed. */
export function SignInPage({ page, complaint }: { page: PageContext; complaint?: string | undefined }) {
  const { texts } = page;
  return (
    <Layout page={page} title={`${texts.signInTitle} · Lanceur`}>
      <form class="sign-in" method="post" action="/sign-in">
        <h1>{texts.signInTitle}</h1>
        <p>{texts.signInIntro}</p>
        {complaint && <p class="complaint" role="alert">{complaint}</p>}
        <input type="hidden" name="back" value={page.path} />
        <label for="token">{texts.secret}</label>
        <input id="token" name="token" type="password" autocomplete="current-password" required autofocus />
        <button type="submit" class="primary">{texts.signIn}</button>
      </form>
    </Layout>
  );
}

/** Asks again before something is done that cannot be undone; only browsers without script come here. */
export function ConfirmPage({ page, question, action, label }: {
  page: PageContext;
  question: string;
  action: string;
  label: string;
}) {
  return (
    <Layout page={page} title={`${label} · Lanceur`}>
      <form class="message" method="post" action={action}>
        <h1>{question}</h1>
        <input type="hidden" name="back" value={page.path} />
        <input type="hidden" name="sure" value="yes" />
        <div class="actions">
          <button type="submit" class="danger">{label}</button>
          <a class="button" href={page.path}>{page.texts.cancel}</a>
        </div>
      </form>
    </Layout>
  );
}

/** A page that says one thing: not found, or what went wrong with a request. */
export function MessagePage({ page, title, message }: {
  page: PageContext;
  title: string;
  message?: string | undefined;
}) {
  return (
    <Layout page={page} title={`${title} · Lanceur`}>
      <section class="message">
        <h1>{title}</h1>
        {message && <p>{message}</p>}
        <p>
          <a href="/">{page.texts.back}</a>
        </p>
      </section>
    </Layout>
  );
}
