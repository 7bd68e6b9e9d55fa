/** What becomes of mails on the server once they have been dealt with. */
import { ItemError } from "../errors.ts";
import type { ImapClient } from "./imap_client.ts";
import type { ImapMail, ImapMailbox } from "./imap_mail.ts";
import type { After } from "./imap_options.ts";
import type { ImapReader } from "./imap_reader.ts";
import { uidSets } from "./imap_uid_sets.ts";

interface Batch {
  readonly mails: ImapMail[];
  readonly done: Promise<void>;
}

/** Marks, moves or deletes mails; those settled while a command is under way share the next one. */
export class Settler {
  readonly #client: ImapClient;
  readonly #reader: ImapReader;
  readonly #after: After;
  #last: Promise<void> = Promise.resolve();
  #waiting: Batch | undefined;
  #isTargetThere = false;
  /** The path of Gmail's bin; empty when it is hidden from IMAP. */
  #bin: string | undefined;

  constructor(client: ImapClient, reader: ImapReader, after: After) {
    this.#client = client;
    this.#reader = reader;
    this.#after = after;
  }

  /**
   * Does with the mail what `after` says; a mail that has gone is fine.
   *
   * @throws {ItemError} when the server refuses; `SourceError` when the connection fails.
   */
  settle(mail: ImapMail): Promise<void> {
    if (this.#after === "keep") return Promise.resolve();
    this.#waiting ??= this.#batch();
    this.#waiting.mails.push(mail);
    return this.#waiting.done;
  }

  #batch(): Batch {
    const mails: ImapMail[] = [];
    const done = this.#last.then(() => {
      this.#waiting = undefined;
      return this.#settleAll(mails);
    });
    this.#last = done.catch(() => {});
    return { mails, done };
  }

  async #settleAll(mails: readonly ImapMail[]): Promise<void> {
    for (const [mailbox, inMailbox] of Map.groupBy(mails, (mail) => mail.mailbox)) {
      const uids = inMailbox.map(({ uid }) => uid).sort((left, right) => left - right);
      for (const set of uidSets(uids)) await this.#settleSet(mailbox, set);
    }
  }

  async #settleSet(mailbox: ImapMailbox, set: string): Promise<void> {
    const action = `${this.#verb()} UID ${set} of "${mailbox.path}"`;
    if (typeof this.#after === "object" && "move" in this.#after) await this.#makeTarget(this.#after.move);
    await this.#reader.within(mailbox, action, async () => {
      if (await this.#perform(set)) return;
      const error = this.#client.refused(action);
      // A server may answer NO for mails that have gone in the meantime, which is as good. Only NOOP makes sure
      // that it tells of them (RFC 3501, 7.4.1).
      await this.#client.flow.noop();
      if (!this.#client.isClosed && (await this.#remaining(set)).length === 0) return;
      if (this.#client.isClosed) throw this.#client.refused(action);
      throw new ItemError(error instanceof Error ? error.message : `Cannot ${action}`, { cause: error });
    });
  }

  async #perform(set: string): Promise<boolean> {
    const after = this.#after;
    if (after === "keep") return true;
    if (after === "delete") {
      const bin = await this.#gmailBin();
      return bin === undefined ? await this.#delete(set) : await this.#move(set, bin);
    }
    if (after === "seen") return await this.#mark(set, "\\Seen");
    if (after === "flag") return await this.#mark(set, "\\Flagged");
    if ("label" in after) return await this.#label(set, after.label);
    return "flag" in after ? await this.#mark(set, after.flag) : await this.#move(set, after.move);
  }

  async #mark(set: string, flag: string): Promise<boolean> {
    const { mailbox } = this.#client.flow;
    // imapflow leaves out what the mailbox does not take, and says nothing of it.
    const permanent = mailbox === false ? undefined : mailbox.permanentFlags;
    if (permanent !== undefined && !permanent.has(flag) && !permanent.has("\\*")) {
      const path = mailbox === false ? "" : mailbox.path;
      const state = `that mailbox takes no keyword "${flag}"; use flag, seen or { move = … }`;
      throw new ItemError(`Cannot ${this.#verb()} UID ${set} of "${path}": ${state}`);
    }
    return await this.#client.flow.messageFlagsAdd(set, [flag], { uid: true, silent: true });
  }

  async #label(set: string, label: string): Promise<boolean> {
    return await this.#client.flow.messageFlagsAdd(set, [label], { uid: true, useLabels: true });
  }

  /** An EXPUNGE on Gmail takes a label away and no more; what is to be deleted is moved to the bin. */
  async #gmailBin(): Promise<string | undefined> {
    if (!this.#client.isGmail) return undefined;
    this.#bin ??= (await this.#client.mailboxes()).find(({ flags }) => flags.has("\\Trash"))?.path ?? "";
    return this.#bin === "" ? undefined : this.#bin;
  }

  async #move(set: string, target: string): Promise<boolean> {
    const { flow } = this.#client;
    if (flow.capabilities.has("MOVE")) return await flow.messageMove(set, target, { uid: true }) !== false;
    return await flow.messageCopy(set, target, { uid: true }) !== false && await this.#delete(set);
  }

  async #delete(set: string): Promise<boolean> {
    const { flow } = this.#client;
    if (flow.capabilities.has("UIDPLUS")) return await flow.messageDelete(set, { uid: true }) === true;
    if (!await this.#mark(set, "\\Deleted")) return false;
    // Without UIDPLUS an EXPUNGE takes everything that anyone has marked: only done when all of it is ours.
    const marked = await flow.search({ deleted: true }, { uid: true });
    const ours = new Set(await this.#remaining(set));
    if (!Array.isArray(marked) || !marked.every((uid) => ours.has(uid))) return true;
    return await flow.messageDelete(set, { uid: true }) === true;
  }

  /** Which of the UIDs still exist. */
  async #remaining(set: string): Promise<number[]> {
    const found = await this.#client.flow.search({ uid: set }, { uid: true });
    if (!Array.isArray(found)) throw this.#client.refused(`look for UID ${set}`);
    return found;
  }

  async #makeTarget(path: string): Promise<void> {
    if (this.#isTargetThere) return;
    const paths = await this.#client.paths();
    if (!paths.includes(path)) {
      try {
        await this.#client.flow.mailboxCreate(path);
      } catch (error) {
        throw this.#client.explain(error, `make the mailbox "${path}"`);
      }
    }
    this.#isTargetThere = true;
  }

  #verb(): string {
    const after = this.#after;
    if (typeof after === "object") return "move" in after ? "move" : "label" in after ? "label" : "flag";
    return after === "seen" ? "mark as seen" : after;
  }
}
