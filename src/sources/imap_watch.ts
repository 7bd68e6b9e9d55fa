/** Tells when mails may have arrived: IDLE (RFC 2177) on the connection that polls borrow. */
import { mailboxesOf } from "./imap_options.ts";
import type { ImapOptions } from "./imap_options.ts";
import { leaseImap, type WatchSettings } from "./imap_shared.ts";
import type { SourceContext } from "./source.ts";

// IDLE is broken by every command and begins again only after this pause.
const IDLE_AFTER_MS = 200;

/**
 * Yields once at the start, then whenever a mailbox has got more mails. Servers without IDLE are asked every
 * two minutes. Ends when the signal is aborted.
 *
 * @throws {SourceError} when the connection ends.
 */
export async function* watchImap(
  options: ImapOptions,
  context: SourceContext,
  settings: WatchSettings = {},
): AsyncGenerator<void> {
  const { signal } = context;
  const { client, shared, turn, end } = await leaseImap(options, context, {
    idleAfterMs: IDLE_AFTER_MS,
    ...settings,
  });
  const mailboxes = mailboxesOf(options);
  const action = `watch the mailbox "${mailboxes[0] ?? ""}" of ${client.peer}`;
  let news = Promise.withResolvers<void>();
  const watcher = { mailboxes, onNews: () => news.resolve() };
  const aborted = Promise.withResolvers<void>();
  const onAbort = () => aborted.resolve();
  signal.addEventListener("abort", onAbort);
  try {
    shared.add(watcher);
    try {
      await shared.giveBack(turn);
    } catch (error) {
      client.close();
      throw error;
    } finally {
      end();
    }
    while (true) {
      yield;
      await Promise.race([news.promise, client.closed, aborted.promise]);
      if (signal.aborted) return;
      if (client.isClosed) throw client.ended(action);
      news = Promise.withResolvers<void>();
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    shared.remove(watcher);
  }
}
