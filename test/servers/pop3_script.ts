/** How the POP3 server for tests misbehaves. */
import type { StoredMail } from "./mailbox.ts";

/** What a script can do instead of answering: an answer of its own, octet for octet, or none. */
export type Pop3Reaction = string | Uint8Array | "reset" | "close" | "stall" | undefined;

/** How the server misbehaves; what is not given goes as the RFCs say. */
export interface Pop3Script {
  /** The first line, without its end. */
  readonly greeting?: string;
  /** Sizes of the pieces in which answers are written, used in turn. */
  readonly chunks?: readonly number[];
  /** Lines of CAPA; `null` for a server that has none. */
  readonly capabilities?: readonly string[] | null;
  /** Called for each command (upper case) first; `undefined` goes on as usual. Text is sent as it is. */
  readonly react?: (command: string, argument: string) => Pop3Reaction;
  /** Octets of RETR's answer after which `then` happens. */
  readonly cut?: { readonly afterBytes: number; readonly then: "reset" | "close" | "stall" };
  /** The size that LIST announces. */
  readonly announce?: (mail: StoredMail) => number;
  /** The unique id of a mail; `null` for a server without UIDL. */
  readonly uidl?: ((mail: StoredMail) => string) | null;
  /** The whole answer to RETR after its status line, terminator included, made while it is sent. */
  readonly body?: (mail: StoredMail) => AsyncIterable<Uint8Array>;
  /** Whether a mail that was fetched is no longer listed after QUIT, as Gmail has it. */
  readonly hidesFetched?: boolean;
}
