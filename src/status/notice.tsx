/** The line at the top of a page that says what became of what its reader asked for. */
import type { PageContext } from "./layout.tsx";
import type { Notice } from "./notices.ts";
import type { ActionReport } from "./view.ts";
import { countsText, Reported, type Tone } from "./parts.tsx";

/** Empty where nothing was asked for; a screen reader says what comes into it. */
export function NoticeLine({ page }: { page: PageContext }) {
  const { notice, texts } = page;
  const name = notice && (notice.name || nameOf(notice.report?.items[0]));
  return (
    <div id="notice" data-live role="status" class={notice && `notice ${toneOf(notice)}`}>
      {notice && (
        <>
          <p>
            <strong>
              {name ? texts.actionOn(texts[notice.action], name) : texts[notice.action]}
            </strong>
            {" – "}
            <Result notice={notice} page={page} />
          </p>
          <a class="button quiet" href={page.path}>{texts.close}</a>
        </>
      )}
    </div>
  );
}

function Result({ notice, page }: { notice: Notice; page: PageContext }) {
  const { action, state, report, error } = notice;
  const { texts } = page;
  if (state === "busy") return <>{texts.underWay}</>;
  if (error !== undefined) return <Reported text={error} page={page} />;
  if (report === undefined) return <>{texts.done}</>;
  if (action === "run") {
    return (
      <>{countsText(report, page) || (report.known > 0 ? texts.known(report.known) : texts.nothingNew)}</>
    );
  }
  const [item] = report.items;
  if (item === undefined) return <>{texts.nothingNew}</>;
  return (
    <>
      {texts.outcomes[item.outcome]}
      {item.reason && (
        <>
          {texts.colon}
          <Reported text={item.reason} page={page} />
        </>
      )}
    </>
  );
}

function nameOf(item: ActionReport["items"][number] | undefined): string {
  return item?.title || item?.label || "";
}

function toneOf({ state, report }: Notice): Tone {
  if (state === "failed") return "bad";
  if (state === "busy") return "busy";
  return report && report.failed + report.quarantined > 0 ? "warn" : "good";
}
