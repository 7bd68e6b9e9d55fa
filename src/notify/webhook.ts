/** Sends a message as a JSON POST. */
import { DeliveryError, errorText, type GatewayError } from "../errors.ts";
import { connectionFault } from "../sources/connection_fault.ts";
import type { Message } from "./message.ts";
import { faultOfWebhook } from "./webhook_address.ts";

/** Where and how a message is posted. */
export interface PostOptions {
  readonly address: string;
  /** Certificates, in PEM form, trusted besides the public ones. */
  readonly authorities: readonly string[];
  readonly signal: AbortSignal;
}

/** Posts; resolves once it was accepted (2xx). Throws `DeliveryError` or `SourceError`, never with more of the address than its host. */
export async function postMessage(
  message: Message,
  { address, authorities, signal }: PostOptions,
): Promise<void> {
  const fault = faultOfWebhook(address);
  if (fault !== undefined) throw new DeliveryError(`Cannot use the webhook: ${fault}`);
  const url = new URL(address.trim());
  const subject = `Cannot post to the webhook at "${url.host}"`;
  using client = Deno.createHttpClient({ caCerts: [...authorities] });
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      client,
      // A redirection would hand the message to an address that nobody has chosen.
      redirect: "manual",
      headers: { "content-type": "application/json; charset=utf-8", "user-agent": "lanceur" },
      body: JSON.stringify(bodyOf(message)),
      signal,
    });
  } catch (cause) {
    if (signal.aborted) throw new DeliveryError(`${subject}: no answer in time`, { cause });
    throw faultOf(cause, url);
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

/** Says what a failed connection means; Deno names the whole address, and with it the token. */
function faultOf(cause: unknown, url: URL): GatewayError {
  let deepest = cause;
  while (deepest instanceof Error && deepest.cause !== undefined) deepest = deepest.cause;
  const text = errorText(deepest)
    .replace(/^error sending request for url \([^)]*\):\s*/, "").replaceAll(/https?:\S+/g, "…").slice(0, 300);
  const plain = /connection refused/i.test(text) ? new Deno.errors.ConnectionRefused(text) : new Error(text);
  return connectionFault(plain, { action: `post to the webhook at "${url.host}"`, hostname: url.hostname });
}
