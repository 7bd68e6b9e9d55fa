/** Tells when mails may have arrived: IDLE (RFC 2177) on a connection of its own. */
import { ImapClient, type ImapClientSettings } from "./imap_client.ts";
import { type ImapOptions, mailboxesOf } from "./imap_options.ts";
import type { SourceContext } from "./source.ts";

// IDLE is broken by every command and begins again only after this pause.
const IDLE_AFTER_MS = 200;
// A link that is quiet for so long is tried with NOOP; after as long again without an answer it is dead.
const SILENCE_MS = 240_000;
// IDLE hears of one mailbox only.
const OTHERS_MS = 60_000;

/** What a test may set. */
export interface WatchSettings extends ImapClientSettings {
  /** How often the mailboxes beside the first are asked about. */
  readonly othersMs?: number;
}

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
  const defaults = { idleAfterMs: IDLE_AFTER_MS, silenceMs: SILENCE_MS };
  const client = await ImapClient.connect(options, context, { ...defaults, ...settings });
  const [first = "INBOX", ...others] = mailboxesOf(options);
  const action = `watch the mailbox "${first}" of ${client.peer}`;
  let news = Promise.withResolvers<void>();
  client.flow.on("exists", ({ count, prevCount }) => {
    if (count > prevCount) news.resolve();
  });
  const stopAsking = others.length === 0
    ? () => {}
    : askAbout(others, { client, onNews: () => news.resolve(), everyMs: settings.othersMs ?? OTHERS_MS });
  try {
    await client.within(first, { isReadOnly: true, action }, () => Promise.resolve());
    while (true) {
      yield;
      await Promise.race([news.promise, client.closed]);
      if (context.signal.aborted) return;
      if (client.isClosed) throw client.explain(client.gone(), action);
      news = Promise.withResolvers<void>();
    }
  } finally {
    stopAsking();
    client.close();
  }
}

interface Asking {
  readonly client: ImapClient;
  readonly onNews: () => void;
  readonly everyMs: number;
}

/** Compares UIDNEXT of some mailboxes every now and then, until the returned function is called. */
function askAbout(paths: readonly string[], { client, onNews, everyMs }: Asking): () => void {
  const known = new Map<string, number>();
  let isAsking = false;
  const ask = async () => {
    if (isAsking || client.isClosed) return;
    isAsking = true;
    for (const path of paths) {
      const status = await client.flow.status(path, { uidNext: true });
      if (status === false || status.uidNext === undefined) continue;
      if (status.uidNext > (known.get(path) ?? Infinity)) onNews();
      known.set(path, status.uidNext);
    }
    isAsking = false;
  };
  // What fails here ends the connection as well, and that is noticed by the one who waits for it.
  const timer = setInterval(() => void ask().catch(() => {}), everyMs);
  void ask().catch(() => {});
  return () => clearInterval(timer);
}
