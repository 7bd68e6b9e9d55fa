/** What people and programs can ask the gateway to do. */
import type { Hono } from "hono";
import { errorText } from "../errors.ts";
import { readForm } from "./form.ts";
import { ConfirmPage, MessagePage } from "./other_pages.tsx";
import { launcherPath, quarantinePath, safeBack } from "./paths.ts";
import { document, isForm, pageContext, type StatusContext, type StatusEnv } from "./request.ts";
import { TEXTS } from "./texts.ts";
import type { GatewayView } from "./view.ts";

const QUICK_MS = 1000;

/** The routes by which people and programs ask the gateway to do something. */
export function addActions(app: Hono<StatusEnv>, view: GatewayView, now: () => Date): void {
  const launcherActions: Readonly<Record<string, (name: string) => Promise<void>>> = {
    run: (name) => startedQuickly(view.run(name)),
    pause: (name) => Promise.resolve(view.pause(name)),
    resume: (name) => Promise.resolve(view.resume(name)),
  };

  async function answer(
    c: StatusContext,
    action: { what: object; fallback: string; act: () => Promise<void>; form?: URLSearchParams | undefined },
  ) {
    const form = action.form ?? await formOf(c);
    const back = form ? safeBack(form.get("back"), action.fallback) : "";
    try {
      await action.act();
    } catch (error) {
      const message = errorText(error);
      if (!form) return c.json({ error: message }, 409);
      const page = pageContext(c, now);
      return c.html(
        document(<MessagePage page={page} title={page.texts.actionFailed} message={message} />),
        409,
      );
    }
    return form ? c.redirect(back, 303) : c.json({ ok: true, ...action.what }, 202);
  }

  app.post("/api/launchers/:name/:action{run|pause|resume}", (c) => {
    const { name, action } = c.req.param();
    const act = launcherActions[action];
    if (act === undefined) return c.notFound();
    if (!view.snapshot().launchers.some((launcher) => launcher.name === name)) {
      return missing(c, TEXTS.en.noSuchLauncher(name));
    }
    return answer(c, {
      what: { launcher: name, action },
      fallback: launcherPath(name),
      act: () => act(name),
    });
  });
  app.post("/api/quarantine/:id/retry", (c) => {
    const id = c.req.param("id");
    if (!view.quarantine().some((row) => row.id === id)) return missing(c, TEXTS.en.noSuchQuarantine(id));
    const act = () => startedQuickly(view.retry(id));
    return answer(c, { what: { id, action: "retry" }, fallback: "/quarantine", act });
  });

  app.post("/api/quarantine/:id/drop", async (c) => {
    const id = c.req.param("id");
    if (!view.quarantine().some((row) => row.id === id)) return missing(c, TEXTS.en.noSuchQuarantine(id));
    const form = await formOf(c);
    if (form !== undefined && form.get("sure") !== "yes") {
      const page = { ...pageContext(c, now), path: "/quarantine" };
      const { dropConfirm: question, drop: label } = page.texts;
      const action = `${quarantinePath(id)}/drop`;
      return c.html(document(<ConfirmPage page={page} question={question} action={action} label={label} />));
    }
    const act = async () => void await view.drop(id);
    return await answer(c, { what: { id, action: "drop" }, fallback: "/quarantine", act, form });
  });
  app.post("/api/items/:id/redeliver", (c) => {
    const id = c.req.param("id");
    const act = () => startedQuickly(view.redeliver(id));
    return answer(c, { what: { id, action: "redeliver" }, fallback: "/", act });
  });

  function missing(c: StatusContext, error: string) {
    if (!isForm(c)) return c.json({ error }, 404);
    const page = pageContext(c, now);
    const content = <MessagePage page={page} title={page.texts.actionFailed} message={error} />;
    return c.html(document(content), 404);
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
