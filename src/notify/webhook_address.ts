/** What can be the address of a webhook. */
import { isPrivateHost } from "../hosts.ts";

/** Says what keeps a text from being a webhook's address, without repeating it; `undefined` when nothing does. */
export function faultOfWebhook(text: string): string | undefined {
  const url = URL.parse(text.trim());
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === "") {
    return 'it is no address such as "https://chat.exemple.fr/hooks/…"';
  }
  if (url.protocol === "http:" && !isPrivateHost(url.hostname)) {
    return "it begins with http://, which anybody on the way can read; use https://";
  }
  return undefined;
}
