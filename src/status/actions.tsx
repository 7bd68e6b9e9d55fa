/** What people and programs can ask the gateway to do. */
import type { Hono } from "hono";
import { errorText } from "../errors.ts";
import { readForm } from "./form.ts";
import type { Action, Notice, Notices } from "./notices.ts";
import { ConfirmPage } from "./other_pages.tsx";
import { launcherPath, quarantinePath, safeBack } from "./paths.ts";
import { document, isForm, pageContext, type StatusContext, type StatusEnv } from "./request.ts";
import { refuse } from "./refusal.tsx";
import type { Texts } from "./texts.ts";
import type { ActionReport, GatewayView } from "./view.ts";

const QUICK_MS = 1000;

/** What is asked for. */
interface Asked extends Pick<Notice, "action" | "name"> {
  /** Names it in the answer to a program. */
  readonly what: object;
  /** The page to come back to, where the form names none. */
  readonly fallback: string;
  readonly act: () => Promise<ActionReport | void>;
  readonly form?: URLSearchParams | undefined;
}

/** The routes by which people and programs ask the gateway to do something. */
export function addActions(
  app: Hono<StatusEnv>,
  view: GatewayView,
  { now, notices }: { now: () => Date; notices: Notices },
): void {
  const launcherActions: { readonly [action in Action]?: (name: string) => Promise<ActionReport | void> } = {
    run: (name) => view.run(name),
    pause: (name) => Promise.resolve(view.pause(name)),
    resume: (name) => Promise.resolve(view.resume(name)),
  };

  async function answer(c: StatusContext, { action, name, what, fallback, act, ...given }: Asked) {
    const form = given.form ?? await formOf(c);
    const back = safeBack(form?.get("back"), fallback);
    let location = back;
    try {
      const work = act();
      location = `${back}?notice=${notices.begin({ action, name }, work)}`;
      await startedQuickly(work);
    } catch (error) {
      // What was refused before anything began has no notice.
      if (location !== back) c.header("location", location);
      return refuse(c, { say: (texts) => texts.reported(errorText(error)), status: 409, now });
    }
    return form ? c.redirect(location, 303) : c.json({ ok: true, ...what, action }, 202, { location });
  }

  app.post("/api/launchers/:name/:action{run|pause|resume}", (c) => {
    const name = c.req.param("name");
    const action = c.req.param("action") as Action;
    const act = launcherActions[action];
    if (act === undefined) return c.notFound();
    if (!view.snapshot().launchers.some((launcher) => launcher.name === name)) {
      return missing(c, (texts) => texts.noSuchLauncher(name));
    }
    return answer(c, {
      action,
      name,
      what: { launcher: name },
      fallback: launcherPath(name),
      act: () => act(name),
    });
  });
  app.post("/api/quarantine/:id/retry", (c) => {
    const id = c.req.param("id");
    const row = view.quarantine().find((row) => row.id === id);
    if (row === undefined) return missing(c, (texts) => texts.noSuchQuarantine(id));
    const act = () => view.retry(id);
    return answer(c, {
      action: "retry",
      name: row.title || row.label,
      what: { id },
      fallback: "/quarantine",
      act,
    });
  });

  app.post("/api/quarantine/:id/drop", async (c) => {
    const id = c.req.param("id");
    const row = view.quarantine().find((row) => row.id === id);
    if (row === undefined) return missing(c, (texts) => texts.noSuchQuarantine(id));
    const form = await formOf(c);
    if (form !== undefined && form.get("sure") !== "yes") {
      const page = { ...pageContext(c, now), path: "/quarantine" };
      const { dropConfirm: question, drop: label } = page.texts;
      const action = `${quarantinePath(id)}/drop`;
      return c.html(document(<ConfirmPage page={page} question={question} action={action} label={label} />));
    }
    const act = async () => void await view.drop(id);
    const name = row.title || row.label;
    return await answer(c, { action: "drop", name, what: { id }, fallback: "/quarantine", act, form });
  });
  app.post("/api/items/:id/redeliver", (c) => {
    const id = c.req.param("id");
    const act = () => view.redeliver(id);
    return answer(c, { action: "redeliver", name: "", what: { id }, fallback: "/", act });
  });

  function missing(c: StatusContext, say: (texts: Texts) => string) {
    return refuse(c, { say, status: 404, now });
  }
}

/** The fields of a form of ours; `undefined` when a program asks. */
async function formOf(c: StatusContext): Promise<URLSearchParams | undefined> {
  return isForm(c) ? await readForm(c.req) : undefined;
}

/** Waits long enough to hear a refusal, not for the poll itself: how that ends is seen in the launcher's state. */
async function startedQuickly(work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const quick = new Promise<void>((resolve) => timer = setTimeout(resolve, QUICK_MS));
  try {
    await Promise.race([work, quick]);
  } finally {
    clearTimeout(timer);
  }
}
