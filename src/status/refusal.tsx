/** Why something that was asked for is not done: a page for people, JSON for programs. */
import { MessagePage } from "./other_pages.tsx";
import { document, pageContext, programsTexts, type StatusContext, wantsHtml } from "./request.ts";
import type { Texts } from "./texts.ts";

/** Answers with what `say` gives, in the language of whoever asked. */
export function refuse(
  c: StatusContext,
  { say, status, now }: { say: (texts: Texts) => string; status: 404 | 409; now: () => Date },
): Response | Promise<Response> {
  if (!wantsHtml(c)) return c.json({ error: say(programsTexts(c)) }, status);
  const page = pageContext(c, now);
  const { actionFailed } = page.texts;
  return c.html(document(<MessagePage page={page} title={actionFailed} message={say(page.texts)} />), status);
}
