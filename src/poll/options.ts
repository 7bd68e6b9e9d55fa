/** What a poll works with, and how it is to run. */
import type { Decoder } from "../decoder/client.ts";
import type { Destination } from "../delivery/destination.ts";
import type { Ledger } from "../ledger.ts";
import type { Log } from "../log.ts";
import type { Quarantine } from "../quarantine.ts";
import type { Source } from "../sources/source.ts";
import type { PollProgress } from "./progress.ts";
import type { FindDestination } from "./repair.ts";
import type { Decided } from "./verdicts.ts";

/** What a poll works with. */
export interface PollTools {
  readonly ledger: Ledger;
  /** Where this launcher delivers. */
  readonly destination: Destination;
  /** Where what an earlier poll left was to go: another place, when the launcher has been changed since. */
  readonly find: FindDestination;
  readonly quarantine: Quarantine;
  /** Where mails that failed are kept when their source may not give them out again. */
  readonly retained: Quarantine;
  readonly decoder: Decoder;
  readonly log: Log;
  /** How long an item is remembered after it was last found in its source. */
  readonly keepDays: number;
}

/** How to run this poll. */
export interface PollOptions {
  /** Aborted: the items in hand are finished or left untouched, then the poll ends without error. */
  readonly signal: AbortSignal;
  /** Opens the source. */
  readonly open: () => Promise<Source>;
  /** Items that failed are tried again at once, before their delay is over. */
  readonly retryFailed?: boolean;
  /** Items in quarantine are tried again: the source is the quarantine itself. */
  readonly retryQuarantined?: boolean;
  /** Items that were delivered are delivered once more, because a person wants that; nothing else is decided of them. */
  readonly redeliver?: boolean;
  /** Called when it is known how many items there are, and after each item. */
  readonly onProgress?: (progress: PollProgress) => void;
  /** Called with what was decided of each item. */
  readonly onDecided?: (decided: Decided) => void;
}
