/** What the status page reads of the gateway. The gateway implements `GatewayView`; this folder only reads. */
import type { OutcomeKind } from "../model.ts";
import type { Problem, SourceFault } from "../errors.ts";

/**
 * What a launcher is doing. `idle`: between two polls; `waiting`: listening by push; `error`: the last poll
 * failed, it backs off, or a running one waits for a share that does not answer; `locked`: three refused passwords, it waits for a person.
 */
export type LauncherState = "idle" | "polling" | "waiting" | "paused" | "disabled" | "error" | "locked";

/** `faulty`: the section cannot be used as it is written; `error`: it could not be started. */
export type TunnelState = "listening" | "error" | "starting" | "stopped" | "faulty";

/** Number of items by outcome. */
export type OutcomeCounts = { readonly [kind in OutcomeKind]: number };

/** What makes a launcher fail. */
export type Fault = SourceFault | "folder" | "delivery" | "destination" | "silent" | "configuration";

/** Why a launcher is in error. */
export interface LauncherError {
  readonly message: string;
  readonly remedy?: string | undefined;
  /** When the first poll of this row of failures failed. */
  readonly since: Date;
  /** Which kind of fault, where known: the page then gives its advice in the reader's language. */
  readonly fault?: Fault | undefined;
}

/** One poll that has ended; `known` counts items an earlier poll had recorded. */
export interface PollResult extends OutcomeCounts {
  readonly at: Date;
  readonly durationMs: number;
  readonly known: number;
}

/** One or several polls that have ended: like ones without any event, one after the other, stand together. */
export interface PollView extends PollResult {
  /** Why it did not come to its end. */
  readonly error?: string | undefined;
  /** How many polls this is; `at` and `durationMs` are those of the last. */
  readonly times: number;
}

/** What happened in the hour that begins at `at`. */
export interface HourCounts extends OutcomeCounts {
  readonly at: Date;
}

/** The last 24 hours. */
export interface Activity {
  /** Oldest first. */
  readonly hours: readonly HourCounts[];
  /** Items skipped, by what skipped them: an option such as `filter.name`, or `documents`: there was none to take. */
  readonly skippedBy: { readonly [rule: string]: number };
}

/** Totals since a launcher started; they never go back. */
export interface LauncherCounters extends OutcomeCounts {
  /** Files handed to the COLD. */
  readonly documents: number;
  readonly skippedBy: { readonly [rule: string]: number };
  readonly polls: number;
  readonly failedPolls: number;
  readonly pollSeconds: number;
}

/** How far a running poll is. */
export interface Progress {
  /** Items that are over. */
  readonly done: number;
  /** How many items there are, where the source can tell. */
  readonly of?: number | undefined;
  /** Octets of the items that this poll has been through. */
  readonly bytes: number;
  /** The item that was over last. */
  readonly label?: string | undefined;
  /** Lately; absent in a poll's first second. */
  readonly itemsPerSecond?: number | undefined;
  readonly bytesPerSecond?: number | undefined;
}

/** One launcher, without any secret. */
export interface LauncherView {
  readonly name: string;
  readonly description?: string | undefined;
  readonly protocol: string;
  /** Where it listens, as text: `pop3 via gmail-pop3`. */
  readonly target: string;
  readonly enabled: boolean;
  readonly state: LauncherState;
  readonly error?: LauncherError | undefined;
  readonly lastPoll?: PollResult | undefined;
  /** When the last poll began, of an earlier run of the gateway too. */
  readonly polledAt?: Date | undefined;
  readonly nextPoll?: Date | undefined;
  /** The last poll that came to its end without an error. */
  readonly lastSuccess?: Date | undefined;
  /** What the ledger counts: items by what has become of each so far, those forgotten since included. */
  readonly totals: OutcomeCounts;
  /** Absent while it does not run. */
  readonly counters?: LauncherCounters | undefined;
  readonly activity?: Activity | undefined;
  /** Items found at the source that have no outcome yet, or failed and are to be tried again. */
  readonly waiting?: number | undefined;
  /** What is not whole, and has not changed for longer than the user finds normal: left where it is. */
  readonly unfinished?: readonly UnfinishedView[] | undefined;
  readonly progress?: Progress | undefined;
  /** Its configuration as name and value, secrets left out. */
  readonly settings?: readonly { readonly name: string; readonly value: string }[] | undefined;
}

/** One thing that did not come whole. */
export interface UnfinishedView {
  readonly label: string;
  readonly reason: string;
  readonly since: Date;
}

/** What is known of the certificate a service met. */
export interface TlsView {
  readonly version?: string | undefined;
  readonly subject?: string | undefined;
  readonly issuer?: string | undefined;
  readonly validTo?: Date | undefined;
  readonly fingerprint?: string | undefined;
}

/** Totals of a service since it started, and the connections open now. */
export interface TunnelCounters {
  readonly connections: number;
  readonly active: number;
  readonly failed: number;
  readonly refused: number;
  /** From clients to the upstream. */
  readonly bytesIn: number;
  /** From the upstream to clients. */
  readonly bytesOut: number;
}

/** A connection that has ended, or something that went wrong with one. */
export interface ConnectionView {
  readonly at: Date;
  readonly isBad: boolean;
  /** How it ended, or what went wrong. */
  readonly message: string;
  readonly client?: string | undefined;
  readonly target?: string | undefined;
  readonly tls?: string | undefined;
  /** From the client to the upstream. */
  readonly bytesIn?: number | undefined;
  readonly bytesOut?: number | undefined;
  readonly durationMs?: number | undefined;
}

/** One service of the tunnel. */
export interface TunnelView {
  readonly name: string;
  readonly file: string;
  readonly line?: number | undefined;
  /** Whether it is TLS towards the outside (`client = yes`). */
  readonly client: boolean;
  readonly accept: readonly string[];
  readonly connect: readonly string[];
  readonly state: TunnelState;
  readonly error?: { readonly message: string; readonly remedies: readonly string[] } | undefined;
  readonly verification: { readonly on: boolean; readonly text: string };
  readonly counters: TunnelCounters;
  readonly lastError?:
    | { readonly message: string; readonly remedy?: string | undefined; readonly at: Date }
    | undefined;
  readonly tls?: TlsView | undefined;
  readonly warnings: readonly string[];
}

/** One item with what became of it. */
export interface ItemRow {
  /** Names it in addresses: `POST /api/items/ID/redeliver`. */
  readonly id: string;
  readonly key: string;
  readonly label: string;
  /** What people know it by, where that is not its label: a mail's subject, and its sender unless it was delivered. */
  readonly title?: string | undefined;
  /** Where it was: a mail's account, a file's path below its folder. */
  readonly place?: string | undefined;
  readonly outcome: OutcomeKind;
  readonly reason?: string | undefined;
  readonly at: Date;
  readonly sizeBytes?: number | undefined;
  /** Whether its source was told to delete the original, which then cannot be delivered again. */
  readonly isOriginalDeleted?: boolean | undefined;
  /** Absolute paths of the documents made of it, as delivered. */
  readonly documents: readonly string[];
}

/** One item in quarantine. */
export interface QuarantineRow {
  readonly id: string;
  readonly launcher: string;
  readonly label: string;
  /** What people know it by, where that is not its label: a mail's subject and sender. */
  readonly title?: string | undefined;
  readonly reason: string;
  readonly at: Date;
  readonly sizeBytes: number;
  readonly attempts: number;
}

/** What a poll, or one item taken again, has come to. */
export interface ActionReport extends OutcomeCounts {
  readonly known: number;
  readonly items: readonly {
    readonly label: string;
    readonly title?: string | undefined;
    readonly outcome: OutcomeKind;
    readonly reason: string | null;
  }[];
}

/** The original of an item in quarantine, whole. */
export interface Original {
  /** A file name; a directory comes as a zip. */
  readonly name: string;
  /** Where it is known beforehand. */
  readonly sizeBytes?: number | undefined;
  readonly content: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Everything at one moment. */
export interface Snapshot {
  readonly version: string;
  readonly startedAt: Date;
  readonly launchers: readonly LauncherView[];
  readonly tunnels: readonly TunnelView[];
  /** What is wrong in launchers.d, as last read. */
  readonly problems: readonly Problem[];
  readonly cold: { readonly root: string };
  /** Where documents can go besides: `ezged.mairie`, and the address there. */
  readonly destinations?: readonly { readonly name: string; readonly target: string }[] | undefined;
  /** What is in quarantine now, in items. */
  readonly quarantine: {
    readonly count: number;
    /** How much it holds, and may hold. */
    readonly sizeBytes?: number | undefined;
    readonly maxBytes?: number | undefined;
  };
  /** Ways of `[notify]` on which nobody can be told now. */
  readonly silent?: readonly { readonly channel: string; readonly reason: string }[] | undefined;
  /** Set while the gateway drains. */
  readonly stopping?: boolean | undefined;
}

/** Which items are wanted. */
export interface ItemsOptions {
  readonly limit: number;
  readonly outcome?: OutcomeKind | undefined;
  /** Only those that come after this one in the list: the id of an item. */
  readonly after?: string | undefined;
}

/** What the page may ask of the gateway. Every call is quick: nothing is read from a network. */
export interface GatewayView {
  snapshot(): Snapshot;
  /** The latest items of a launcher, newest first: of one outcome, and after another one in the list, if that is asked for. */
  items(launcher: string, options: ItemsOptions): readonly ItemRow[];
  /** The latest polls of a launcher, newest first. */
  polls(launcher: string): readonly PollView[];
  /** The latest connections of a tunnel service, and what went wrong with it, newest first. */
  connections(service: string): readonly ConnectionView[];
  /** What is in quarantine, newest first. */
  quarantine(): readonly QuarantineRow[];
  /** The stored original of an item in quarantine; `undefined` when there is none of that id. */
  original(quarantineId: string): Promise<Original | undefined>;
  /** Starts a poll now; rejects when it cannot. May resolve at the start or at the end of the poll. */
  run(launcher: string): Promise<ActionReport | void>;
  pause(launcher: string): void;
  /** Ends a pause, or the lock after three refused passwords. */
  resume(launcher: string): void;
  /** Lets an item of the quarantine be tried again; rejects when it cannot. */
  retry(quarantineId: string): Promise<ActionReport | void>;
  /** Removes an item of the quarantine for good; rejects when it cannot. */
  drop(quarantineId: string): Promise<unknown>;
  /** Delivers an item again that was delivered; rejects when its original is gone. `id` is its `ItemRow.id`. */
  redeliver(id: string): Promise<ActionReport | void>;
  /** Calls `listener` after every change; returns what ends that. */
  onChange(listener: () => void): () => void;
}
