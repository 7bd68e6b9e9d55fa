/** What became of what people asked for with the buttons of the page: told on the page that they come back to. */
import { errorText } from "../errors.ts";
import type { ActionReport } from "./view.ts";

/** What can be asked for. */
export type Action = "run" | "pause" | "resume" | "retry" | "drop" | "redeliver";

/** One thing that was asked for. */
export interface Notice {
  readonly action: Action;
  /** The launcher, or what people know the item by; empty where that is not known yet. */
  readonly name: string;
  readonly state: "busy" | "done" | "failed";
  /** What a poll, or one item taken again, has come to; of its items the first. */
  readonly report?: ActionReport | undefined;
  /** Why it could not be done. */
  readonly error?: string | undefined;
}

/** Those who asked have long seen the others. */
const MAX_NOTICES = 100;

/** The latest notices, each under an id that nobody can guess; addresses hold that and no text. */
export class Notices {
  readonly #notices = new Map<string, Notice>();
  readonly #changed: () => void;

  /** `changed` is called when something that was under way has ended. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Remembers what is asked for, and how `work` ends; returns the id. */
  begin(asked: Pick<Notice, "action" | "name">, work: Promise<ActionReport | void>): string {
    const id = crypto.randomUUID();
    const end = (notice: Notice) => {
      if (this.#notices.has(id)) this.#notices.set(id, notice);
      this.#changed();
    };
    this.#notices.set(id, { ...asked, state: "busy" });
    work.then(
      (report) => end({ ...asked, state: "done", report: report ? withFirstItem(report) : undefined }),
      (error) => end({ ...asked, state: "failed", error: errorText(error) }),
    );
    for (const oldest of this.#notices.keys()) {
      if (this.#notices.size <= MAX_NOTICES) break;
      this.#notices.delete(oldest);
    }
    return id;
  }

  /** The notice of that id, if there is one still. */
  find(id: string | undefined): Notice | undefined {
    return id === undefined ? undefined : this.#notices.get(id);
  }
}

/** A poll may have brought thousands of items, and as many texts, of which the page tells one. */
function withFirstItem(report: ActionReport): ActionReport {
  const { delivered, skipped, quarantined, failed, known, items } = report;
  return { delivered, skipped, quarantined, failed, known, items: items.slice(0, 1) };
}
