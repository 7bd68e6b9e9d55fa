/** Envelopes decoded in a process of their own, which hostile input may crash or hang without harm to the gateway. */
import { basename, resolve } from "node:path";
import type { DecodedEnvelope, EnvelopeKeys } from "../envelopes/envelope.ts";
import { statWithin } from "../disk.ts";
import { DeliveryError, EnvelopeError, ItemError, UnknownEnvelopeError } from "../errors.ts";
import type { OpenedAttachment, OpenRequest, Packing } from "./open_attachment.ts";
import type { Room } from "./output.ts";
import { type Answer, DecoderProcess } from "./process.ts";
import type { Decoded, DecodeRequest } from "./protocol.ts";

export type { DecodedEnvelope, EnvelopeKeys, OpenedAttachment, Packing, Room };

/** What a decoder may reach, and how it decodes. */
export interface DecoderOptions {
  /** Directories in which envelopes lie. */
  readonly read: readonly string[];
  /** Directories under which `into` lies. */
  readonly write: readonly string[];
  /** Metadata keys that tell the type of an envelope; their own names unless given. */
  readonly keys?: EnvelopeKeys;
  /** Files that only mark the end of a deposit and are left out. */
  readonly endMarkers?: readonly string[];
  /** Whether bank accounts and numbers of persons may stand in what is written about an envelope. */
  readonly personalData?: boolean;
  /** Whether `metadata.xml` is written beside `metadata.json`. */
  readonly xml?: boolean;
  /** How many files an envelope may have; `MAX_FILES` of envelopes/limits.ts unless given. */
  readonly maxFiles?: number;
  /** Limit of the decoder's heap, 512 unless given. */
  readonly memoryMb?: number;
  /** How long a decoder that has nothing to do stays, 60 s unless given. */
  readonly idleMs?: number;
}

/** How to decode one envelope. */
export interface DecodeOptions {
  /** An existing, empty directory. After an error it may hold anything and is the caller's to remove. */
  readonly into: string;
  /** The envelope's name, where that of its file says nothing. */
  readonly name?: string;
  /** Files that belong to it besides the one at `path`. */
  readonly beside?: readonly string[];
  /** Time for the decoding, the wait for earlier envelopes not counted; 120 s unless given. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/** How to open an attachment. */
export interface OpenAttachmentOptions extends DecodeOptions {
  /** What it is opened as. */
  readonly as: Packing;
  /** How much may come out of it. */
  readonly room: Room;
}

/** Decodes envelopes one after another, in one process that is kept alive and replaced after a crash. */
export interface Decoder extends AsyncDisposable {
  /** Starts the process now, to learn early whether it can. Throws `SourceError` when it cannot. */
  ready(): Promise<void>;
  /**
   * Decodes the envelope at `path` into `into`.
   *
   * @throws {EnvelopeError} when it is damaged, hostile or (`UnknownEnvelopeError`) of no known kind, or too much for memory or time.
   * @throws {ItemError} when its files cannot be read or written; `DeliveryError` when the disk is full.
   * @throws {SourceError} when the decoder cannot start.
   * @throws the reason of `signal` when it aborts.
   */
  decode(path: string, options: DecodeOptions): Promise<DecodedEnvelope>;
  /**
   * Opens the attachment at `path` into `into`; `null` when it is not what it was taken for. Throws as `decode`
   * does.
   */
  open(path: string, options: OpenAttachmentOptions): Promise<OpenedAttachment | null>;
}

/** Makes a decoder; its process starts with the first envelope. */
export function createDecoder(options: DecoderOptions): Decoder {
  return new PooledDecoder(options);
}

const MEMORY_MB = 512;
const DEADLINE_MS = 120_000;
const IDLE_MS = 60_000;
/** How soon a place is to answer a look. */
const LOOK_MS = 5000;

class PooledDecoder implements Decoder {
  readonly #options: DecoderOptions;
  #process: DecoderProcess | undefined;
  /** Settles when all that was asked so far is answered. */
  #queue: Promise<unknown> = Promise.resolve();
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #disposed = new AbortController();

  constructor(options: DecoderOptions) {
    this.#options = options;
  }

  async ready(): Promise<void> {
    await this.#enqueue(async () => void await this.#start(this.#disposed.signal));
  }

  async decode(path: string, options: DecodeOptions): Promise<DecodedEnvelope> {
    return await this.#ask(this.#request(path, options), options) as DecodedEnvelope;
  }

  async open(path: string, options: OpenAttachmentOptions): Promise<OpenedAttachment | null> {
    const { as, into, room } = options;
    const request = { open: as, path: resolve(path), into: resolve(into), room };
    return await this.#ask(request, options) as OpenedAttachment | null;
  }

  async #ask(request: DecodeRequest | OpenRequest, options: DecodeOptions): Promise<Decoded> {
    const signal = AbortSignal.any([this.#disposed.signal, ...(options.signal ? [options.signal] : [])]);
    return await this.#enqueue(async () => {
      signal.throwIfAborted();
      const process = await this.#start(signal);
      const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
      const answer = await process.ask(request, { deadlineMs, signal });
      const label = options.name ?? basename(request.path);
      if (answer.is === "ended" && answer.ending === "deadline") {
        // A share that hangs for so long says nothing about the envelope.
        const isThere = await Promise.all([request.path, request.into].map(answers));
        if (isThere.includes(false)) {
          const state = "the folder that it is in, or is unpacked to, does not answer";
          throw new ItemError(`Cannot decode "${label}": ${state}`);
        }
      }
      signal.throwIfAborted();
      return this.#result(answer, { label, deadlineMs });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort(new ItemError("Cannot decode: the decoder was stopped"));
    await this.#queue;
    clearTimeout(this.#idleTimer);
    await this.#stop();
  }

  #request(path: string, { into, name, beside }: DecodeOptions): DecodeRequest {
    const { keys, endMarkers, personalData, xml, maxFiles } = this.#options;
    return {
      path: resolve(path),
      into: resolve(into),
      ...(name !== undefined && { name }),
      ...(beside && { beside: beside.map((each) => resolve(each)) }),
      ...(keys && { keys }),
      ...(endMarkers && { endMarkers }),
      ...(personalData && { personalData }),
      ...(xml && { xml }),
      ...(maxFiles !== undefined && { maxFiles }),
    };
  }

  #result(answer: Answer, { label, deadlineMs }: { label: string; deadlineMs: number }): Decoded {
    if (answer.is === "done") return answer.decoded;
    const failed = (state: string) => `Cannot decode "${label}": ${state}`;
    if (answer.is === "failed") {
      const message = answer.message.startsWith("Cannot ") ? answer.message : failed(answer.message);
      if (answer.fault === "unknown") throw new UnknownEnvelopeError(message);
      if (answer.fault === "envelope") throw new EnvelopeError(message);
      throw answer.fault === "space" ? new DeliveryError(message) : new ItemError(message);
    }
    if (answer.is !== "ended") throw new TypeError(`"${answer.is}" is no answer`);
    if (answer.ending === "deadline") {
      throw new EnvelopeError(failed(`it takes more than ${deadlineMs / 1000} s, too large or damaged`));
    }
    if (answer.ending === "memory") {
      const memoryMb = this.#options.memoryMb ?? MEMORY_MB;
      throw new EnvelopeError(failed(`it takes more than ${memoryMb} MB of memory, too large or damaged`));
    }
    // A process that ended while it had nothing to do says nothing about the envelope.
    if (!answer.begun) throw new ItemError(failed("the decoder had ended"));
    throw new EnvelopeError(failed("the decoder crashed on it, damaged or hostile"));
  }

  async #start(signal: AbortSignal): Promise<DecoderProcess> {
    if (this.#process?.usable) return this.#process;
    await this.#stop();
    const { read, write, memoryMb = MEMORY_MB } = this.#options;
    return this.#process = await DecoderProcess.start({ read, write, memoryMb }, signal);
  }

  async #stop(): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    await process?.[Symbol.asyncDispose]();
  }

  #enqueue<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#queue.then(() => {
      clearTimeout(this.#idleTimer);
      return work();
    });
    const settled = result.then(() => {}, () => {});
    this.#queue = settled;
    settled.then(() => this.#startIdleTimer(settled));
    return result;
  }

  /** An idle process keeps tens of megabytes for nothing. */
  #startIdleTimer(last: Promise<void>): void {
    if (this.#queue !== last || this.#disposed.signal.aborted) return;
    this.#idleTimer = setTimeout(() => {
      if (this.#queue === last) this.#queue = this.#stop();
    }, this.#options.idleMs ?? IDLE_MS);
    Deno.unrefTimer(this.#idleTimer);
  }
}

async function answers(path: string): Promise<boolean> {
  return await statWithin(LOOK_MS, path).then(
    () => true,
    (error) => !(error instanceof Deno.errors.TimedOut),
  );
}
