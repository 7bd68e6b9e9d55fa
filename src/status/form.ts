/** Reads what a form of the page sends, and no more than a form of the page can send. */
import type { HonoRequest } from "hono";
import { HTTPException } from "hono/http-exception";

const MAX_BODY_BYTES = 8192;
const TYPE = "application/x-www-form-urlencoded";

/** Whether a request carries a form. */
export function isFormPost(request: HonoRequest): boolean {
  return (request.header("content-type") ?? "").startsWith(TYPE);
}

/** The fields of a form; none where there is no form. Throws an `HTTPException` 413 beyond 8 KB. */
export async function readForm(request: HonoRequest): Promise<URLSearchParams> {
  const { body } = request.raw;
  if (!isFormPost(request) || body === null) return new URLSearchParams();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  // Leaving the loop cancels the body; one left half read would hold its connection.
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) {
      throw new HTTPException(413, { message: "Cannot read the form: it is too long\n" });
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return new URLSearchParams(text);
}
