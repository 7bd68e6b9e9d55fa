/** Tells people what needs them: looks again and again, sends what is due, and never disturbs anything else. */
import { errorText, GatewayError } from "../errors.ts";
import { logOf } from "../log.ts";
import { type Channel, CHANNELS, type ChannelTools } from "./channels.ts";
import { type Incident, Incidents } from "./incident.ts";
import { messageOf } from "./message.ts";
import { type Condition, dueOn, keyOf, review } from "./watch.ts";

/** How often things are looked at. */
const LOOK_MS = 5_000;
/** One attempt to send may take so long. */
const SEND_MS = 30_000;
/** A gateway that ends gives its last message so long. */
const LAST_WORDS_MS = 10_000;
/** Pauses after attempts that failed; the last one repeats. */
const PAUSES_MS = [60_000, 300_000, 900_000, 3_600_000];

const log = logOf("notify");

/** What the notifier needs of the gateway around it; asked anew each time, since a reload may change it. */
export interface NotifierSurroundings {
  readonly state: string;
  /** `undefined` without `[notify]`: then nothing is done. */
  tools(): Omit<ChannelTools, "signal"> | undefined;
  condition(): Condition;
}

interface Pause {
  failures: number;
  until: number;
  reason: string;
}

/** A channel on which nobody can be told now. */
export interface ChannelFault {
  readonly channel: string;
  readonly reason: string;
}

/** Runs from `start` until disposed. */
export class Notifier implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #pauses = new Map<Channel, Pause>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looking: Promise<void> = Promise.resolve();
  #saving: Promise<void> = Promise.resolve();
  #cannotSave = false;

  private constructor(readonly surroundings: NotifierSurroundings, readonly incidents: Incidents) {}

  /** Begins to look. */
  static async start(surroundings: NotifierSurroundings): Promise<Notifier> {
    const notifier = new Notifier(surroundings, await Incidents.open(surroundings.state));
    if (surroundings.tools()) await notifier.#save();
    notifier.#again(0);
    return notifier;
  }

  /** The channels that failed last, until they work again. */
  get faults(): readonly ChannelFault[] {
    return [...this.#pauses].map(([{ name }, { reason }]) => ({ channel: name, reason }));
  }

  /** Tells at once, as far as that is quick, that the gateway ends by an error. Never rejects. */
  async lastWords(reason: string): Promise<void> {
    await this.#end();
    const tools = this.surroundings.tools();
    if (!tools) return;
    const key = keyOf({ kind: "gateway", name: "" });
    const now = Date.now();
    if (!this.incidents.all.some((incident) => incident.key === key && incident.over === null)) {
      this.incidents.add({ key, kind: "gateway", name: "", since: now, due: now, reason });
    }
    const signal = AbortSignal.timeout(LAST_WORDS_MS);
    const known = this.incidents.all.filter((incident) => incident.key === key && incident.over === null);
    await Promise.all(
      CHANNELS.filter((channel) => channel.isWanted(tools.config)).map(async (channel) => {
        for (const incident of known) {
          if (incident.told.includes(channel.name)) continue;
          await this.#send(channel, { incident, event: "opened" }, { ...tools, signal });
        }
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }

  async #end(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#looking;
  }

  #again(ms: number): void {
    if (this.#stop.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#looking = this.#look().catch((error) => {
        log.error("notifications interrupted", { reason: messageText(error) });
      }).finally(() => this.#again(this.#pauseMs));
    }, ms);
  }

  /** Short waits are kept: with `after = "2s"` nobody expects five. */
  get #pauseMs(): number {
    return Math.min(LOOK_MS, this.surroundings.tools()?.config.after ?? LOOK_MS);
  }

  async #look(): Promise<void> {
    const tools = this.surroundings.tools();
    if (!tools) return;
    const condition = this.surroundings.condition();
    review(this.incidents, condition, tools.config.after);
    await this.#save();
    const ill = new Set(condition.health.filter(({ state }) => state === "ill").map(keyOf));
    // Side by side: a server that hangs must not keep the other channel silent.
    await Promise.all(
      CHANNELS.filter((channel) => channel.isWanted(tools.config)).map((channel) =>
        this.#sendDue(channel, tools, ill)
      ),
    );
    review(this.incidents, this.surroundings.condition(), tools.config.after);
    await this.#save();
  }

  async #sendDue(
    channel: Channel,
    tools: Omit<ChannelTools, "signal">,
    ill: ReadonlySet<string>,
  ): Promise<void> {
    if ((this.#pauses.get(channel)?.until ?? 0) > performance.now()) return;
    for (const due of dueOn(this.incidents, channel.name, { ill })) {
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(SEND_MS)]);
      if (!await this.#send(channel, due, { ...tools, signal })) return;
    }
  }

  /** Whether it could be told. */
  async #send(
    channel: Channel,
    { incident, event }: { incident: Incident; event: "opened" | "closed" },
    tools: ChannelTools,
  ): Promise<boolean> {
    try {
      const remark = await channel.send(messageOf(incident, event, tools.wording), tools);
      (event === "opened" ? incident.told : incident.toldOver).push(channel.name);
      this.#pauses.delete(channel);
      // At once: after a crash nobody is to be told twice.
      await this.#save();
      const { kind, name } = incident;
      log.info("notified", { channel: channel.name, event, kind, name, remark });
      return true;
    } catch (error) {
      if (this.#stop.signal.aborted && !(error instanceof GatewayError)) return false;
      const failures = (this.#pauses.get(channel)?.failures ?? 0) + 1;
      const pauseMs = PAUSES_MS[Math.min(failures, PAUSES_MS.length) - 1] ?? 0;
      const reason = messageText(error);
      this.#pauses.set(channel, { failures, until: performance.now() + pauseMs, reason });
      log.warn("notification not sent, tried again later", {
        channel: channel.name,
        reason,
        again: `${pauseMs / 60_000} min`,
      });
      return false;
    }
  }

  /** One after the other: all write the same file. */
  async #save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#saveAlone());
    await this.#saving;
  }

  async #saveAlone(): Promise<void> {
    try {
      await this.incidents.save();
      this.#cannotSave = false;
    } catch (error) {
      // A full disk is what people have to be told of: that goes on without it.
      if (!this.#cannotSave) {
        log.warn("a restart may repeat notifications", { reason: messageText(error) });
      }
      this.#cannotSave = true;
    }
  }
}

function messageText(error: unknown): string {
  return errorText(error);
}
