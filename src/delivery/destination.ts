/** What a place for documents implements; see `mod.ts` for the registry. */
import type { GenericSchema, ObjectEntries } from "valibot";
import type { GatewayError } from "../errors.ts";
import type { Secret } from "../secret.ts";
import type { Stage } from "./staging.ts";

/** One file or directory that is staged, and where it goes. */
export interface Move {
  readonly staged: string;
  /** An absolute path, or `KIND:NAME/…` where the place is not a folder of this machine. */
  readonly target: string;
  readonly sizeBytes: number;
}

/** Which document of which item something is: the same at every attempt. */
export interface Origin {
  /** The launcher's scope in the ledger. */
  readonly launcher: string;
  /** The item's key there. */
  readonly key: string;
  /** A hash of what is in it. */
  readonly content: string;
  /** Whether a person asked for this attempt, knowing how the last one ended. */
  readonly byHand: boolean;
  /** What is known of it, for destinations that keep more than a file. */
  fields(): Readonly<Record<string, string>>;
}

/** A launcher's `[deliver]`, checked: the options of the kind that was chosen are among it. */
export type Deliver = Readonly<Record<string, unknown>>;

/** What is to be handed over, before its final name is known. */
export interface Wish {
  readonly staged: string;
  /** Wanted base name. */
  readonly name: string;
  readonly sizeBytes: number;
  /** A sidecar, to arrive beside it under the same name with `extension` behind. */
  readonly companion?: { readonly staged: string; readonly extension: string; readonly sizeBytes: number };
  /** Hash of the documents in it, whatever their names: by it the same content is known again. */
  readonly content?: string;
  /** Needed by destinations that can only remember what they have sent. */
  readonly origin?: Origin;
}

/** What is to be said of a document that did not simply arrive. */
export type Remark =
  /** It has arrived, but somebody should look after it there. */
  | { readonly kind: "arrived"; readonly move: Move; readonly reason: string }
  /** It was accepted and is not done yet, or its turn has not come: it stays pending. */
  | { readonly kind: "underway"; readonly move: Move; readonly reason: string }
  /** It was not taken; `ItemError` to try again later, `UnsureError` when only a person can tell. */
  | { readonly kind: "refused"; readonly move: Move; readonly error: GatewayError };

/**
 * A place that documents are handed to. The order is: stage, `reserve`, `sync`, the ledger's `pending`, `arrive`, the
 * ledger's `delivered`, `forget`. What fails for every document is a `DeliveryError`: all stays as it is, to be repaired.
 */
export interface Destination {
  /** Makes ready for a launcher; the answer names the place in `reserve`. */
  place(deliver: Deliver): Promise<string>;
  /** A fresh stage for the documents of one item. */
  stage(): Stage;
  /** Chooses a free name for each wish of each item; answers in the same order. */
  reserve(place: string, items: readonly (readonly Wish[])[]): Promise<Move[][]>;
  /** Makes the names of everything staged so far durable: called once for many items. */
  sync(): Promise<void>;
  /**
   * Hands everything over, durably. Resolves with what did not go as usual; all else has arrived. What is left when
   * `signal` is aborted is `underway`.
   */
  arrive(moves: readonly Move[], signal?: AbortSignal): Promise<readonly Remark[]>;
  /** Gives reserved names back, before anything was recorded. */
  release(moves: readonly Move[]): void;
  /** What is still to be handed over of items that a crash left; possibly under other names. */
  replan(moves: readonly Move[]): Promise<Move[]>;
  /** Removes what is left of documents whose arrival the ledger has recorded. */
  forget(moves: readonly Move[]): Promise<void>;
  /** Removes what is staged of documents that were refused; another attempt begins where this one ended. */
  withdraw(moves: readonly Move[]): Promise<void>;
  /** Removes stages that `pending` does not name: what a crash left before it was recorded. Returns how many. */
  sweep(pending: ReadonlySet<string>): Promise<number>;
  /** Gives back what it holds open. */
  close(): void;
}

/** What the gateway lends a destination. */
export interface DestinationContext {
  /** NAME of its section in gateway.toml; empty for the COLD root. */
  readonly name: string;
  /** The state folder: the ledger's database, and room for stages, are there. */
  readonly state: string;
  /** `cold.root`. */
  readonly root: string;
  /** Tells the stages of this gateway from another's in the same place. */
  readonly owner: string;
  /** Whether the ledger knows of deliveries there that were not finished. */
  readonly hasPending: boolean;
  /** Its section of gateway.toml as it is now; `undefined` when it is no longer there. */
  section(): unknown;
  /** The value behind a secret, read anew each time. Throws `DeliveryError` when it is missing. */
  secret(secret: Secret): Promise<string>;
  /** Absolute path of one given in gateway.toml. */
  path(path: string): string;
  /** Makes a folder inside the project, and throws `DeliveryError` when there is none. */
  folder(path: string): Promise<void>;
}

/** A rule of `[deliver]` that a launcher breaks. */
export interface DeliverFault {
  /** The option; absent from the file when `message` is. */
  readonly key: string;
  readonly message?: string;
}

/** What a new kind of destination implements. */
export interface DestinationKind {
  /** Its options in a launcher's `[deliver]`; the one of its own name chooses it and names its section. */
  readonly deliver: ObjectEntries;
  /** Its options in gateway.toml, one `[KIND.NAME]` each; absent for the COLD root. */
  readonly section?: GenericSchema;
  /** Which options of `[deliver]` do not go together; called when this kind is chosen. */
  faults(deliver: Deliver): readonly DeliverFault[];
  /** Where a document of this name would go, as in `Move.target`. */
  target(name: string, place: { readonly deliver: Deliver; readonly root: string }): string;
  /** What a section leads to, for people; without any secret. */
  describe(section: unknown): string;
  /** Opens it. Contacts nothing. Throws `DeliveryError`. */
  open(context: DestinationContext): Promise<Destination>;
  /** Signs in and out again, for `check --connect`. Throws `DeliveryError`. */
  probe?(context: DestinationContext): Promise<void>;
}
