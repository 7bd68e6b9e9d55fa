/** An EzGED destination on a stand-in server, as a gateway would open it, with short pauses. */
import { resolve } from "node:path";
import * as v from "valibot";
import type { Deliver, DestinationContext } from "../../src/delivery/destination.ts";
import { Ezged } from "../../src/delivery/ezged/ezged.ts";
import { recordOptions } from "../../src/delivery/ezged/deliver.ts";
import type { Pauses } from "../../src/delivery/ezged/session.ts";
import { Ledger } from "../../src/ledger.ts";
import { type EzgedOptions, EzgedServer } from "./ezged.ts";
import { TempFolder } from "./temp_folder.ts";

/** Short enough for tests, and in the order of the real ones. */
export const SHORT_PAUSES: Pauses = { busyMs: [5, 10], keepAliveMs: 60_000, followMs: 5 };

/** Into the waiting directory `factures`. */
export const INTO_COLD: Deliver = { ezged: "mairie", cold: "factures" };

/** Into the table COURRIERS; `more` are further options of `[deliver.record]`. */
export function intoRecord(more: Readonly<Record<string, unknown>> = {}): Deliver {
  const columns = { COURRIERS_OBJET: "{subject}", COURRIERS_NOM: "{name}", COURRIERS_REF: "{id}" };
  const record = v.parse(recordOptions, { table: "COURRIERS", columns, follow: "50ms", ...more });
  return { ezged: "mairie", record };
}

/** A stand-in server and the folder of a gateway that delivers there. */
export class EzgedStand implements AsyncDisposable {
  readonly #opened: Ezged[] = [];
  #section: Record<string, unknown> | undefined;

  private constructor(readonly server: EzgedServer, readonly folder: TempFolder) {
    this.#section = {
      url: server.url,
      account: "ged",
      password: "secret",
      token: "jeton",
      arrays: "indexed",
      timeout: 5000,
    };
  }

  static async start(options: EzgedOptions = {}): Promise<EzgedStand> {
    const folder = await TempFolder.make();
    Ledger.open(folder.at("ledger.sqlite"))[Symbol.dispose]();
    return new EzgedStand(await EzgedServer.start(options), folder);
  }

  /** Changes `[ezged.mairie]`; `undefined` takes it away. */
  set(section: Readonly<Record<string, unknown>> | undefined): void {
    this.#section = section && { ...this.#section, ...section };
  }

  get context(): DestinationContext {
    return {
      name: "mairie",
      state: this.folder.path,
      root: this.folder.at("cold"),
      owner: "owner",
      hasPending: false,
      section: () => this.#section,
      path: (path) => resolve(this.folder.path, path),
      folder: () => Promise.resolve(),
      secret: (secret) => Promise.resolve(typeof secret === "string" ? secret : ""),
    };
  }

  /** Another life of the gateway. */
  async open(pauses: Pauses = SHORT_PAUSES): Promise<Ezged> {
    const ezged = await Ezged.open(this.context, pauses);
    this.#opened.push(ezged);
    return ezged;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const ezged of this.#opened) ezged.close();
    await this.server[Symbol.asyncDispose]();
    await this.folder[Symbol.asyncDispose]();
  }
}
