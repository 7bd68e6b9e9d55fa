/** The listening protocols, by the name that `[listen]` gives. A new one is one line here. */
import { adullact } from "./adullact.ts";
import { folder } from "./folder.ts";
import { imapOptions } from "./imap_options.ts";
import { pop3 } from "./pop3.ts";
import type { Protocol } from "./source.ts";

/** imapflow is loaded by the first mailbox that is opened: what does not need it starts faster without. */
const imap: Protocol<typeof imapOptions> = {
  options: imapOptions,
  open: async (options, context) => await (await import("./imap.ts")).imap.open(options, context),
  watch: async function* (options, context) {
    yield* (await import("./imap.ts")).imap.watch?.(options, context) ?? [];
  },
  mailboxes: async (options, context) => await (await import("./imap.ts")).listMailboxes(options, context),
};

/** Every protocol a launcher can listen by. */
export const protocols = {
  imap,
  pop3,
  folder,
  adullact,
};
