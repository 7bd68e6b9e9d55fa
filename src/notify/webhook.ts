/** Sends a message as a JSON POST. */
import { DeliveryError } from "../errors.ts";
import type { Message } from "./message.ts";
import { faultOfWebhook } from "./webhook_address.ts";

/** Posts; resolves once it was accepted (2xx). Throws `DeliveryError`, never with more of the address than its host. */
export async function postMessage(address: string, message: Message, signal: AbortSignal): Promise<void> {
  const fault = faultOfWebhook(address);
  if (fault !== undefined) throw new DeliveryError(`Cannot use the webhook: ${fault}`);
  const url = new URL(address.trim());
  const subject = `Cannot post to the webhook at "${url.host}"`;
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      // A redirection would hand the message to an address that nobody has chosen.
      redirect: "manual",
      headers: { "content-type": "application/json; charset=utf-8", "user-agent": "lanceur" },
      body: JSON.stringify(bodyOf(message)),
      signal,
    });
  } catch (cause) {
    if (signal.aborted) throw new DeliveryError(`${subject}: no answer in time`, { cause });
    throw new DeliveryError(`${subject}: ${stateOf(cause, address)}`, { cause });
  }
  await response.body?.cancel();
  if (response.ok) return;
  const remedy = response.status >= 300 && response.status < 400
    ? "; it redirects, give the address it redirects to"
    : response.status === 404 || response.status === 401 || response.status === 403
    ? "; check the address, its token may have been revoked"
    : "";
  throw new DeliveryError(`${subject}: it answers ${response.status}${remedy}`);
}

/** `text` is what incoming webhooks of chats show; the rest is for programs. */
function bodyOf({ title, lines, host, ...facts }: Message): object {
  return { text: [`Lanceur ${host}: ${title}`, ...lines].join("\n"), title, lines, host, ...facts };
}

function stateOf(cause: unknown, address: string): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  // Deno names the whole address, and with it the token.
  return text.replaceAll(address.trim(), "…").replaceAll(/\(https?:[^)]*\)/g, "").replaceAll(
    /https?:\S+/g,
    "…",
  )
    .slice(0, 300);
}
