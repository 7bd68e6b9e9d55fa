/** gateway.toml: settings of the whole gateway. */
import { isIP } from "node:net";
import { resolve } from "node:path";
import * as v from "valibot";
import { type destinations, kindsWithSections } from "../delivery/mod.ts";
import { type NotifyConfig, notifyOptions } from "../notify/options.ts";
import { type Secret, secretOption } from "../secret.ts";
import { sizeOption } from "../units.ts";

const LISTEN_FORM = 'must be an address with a port, such as "127.0.0.1:8025" or "[::1]:8025"';

const pathText = (message: string) =>
  v.pipe(v.string(message), v.nonEmpty(message), v.regex(/^[^\0]+$/, message));

const listenOption = v.pipe(
  v.string(LISTEN_FORM),
  v.check((text) => parseListen(text) !== undefined, LISTEN_FORM),
  v.description("Where the status page listens. Off loopback it needs `token` or `password_hash`."),
);

const hostOption = v.pipe(
  v.string(),
  v.regex(
    /^[\p{L}\d](?:[\p{L}\d.-]{0,252})$/u,
    'must be a host name without port, such as "lanceur.mairie.fr"',
  ),
);

const SECTION_FORM =
  "must have a name of 1 to 64 letters without accents, digits, dots, dashes or underscores";

/** A table of destinations of one kind, by name: `[KIND.NAME]`. */
function sectionsOption<Section extends v.GenericSchema>(section: Section) {
  return v.optional(
    v.record(v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, SECTION_FORM)), section),
    {},
  );
}

type Kinds = typeof destinations;
/** The tables of the kinds of destination that have sections. */
type SectionTables = {
  [Kind in keyof Kinds as Kinds[Kind] extends { section: v.GenericSchema } ? Kind : never]: ReturnType<
    typeof sectionsOption<v.GenericSchema>
  >;
};

const sectionTables = Object.fromEntries(
  kindsWithSections().flatMap(([kind, { section }]) => section ? [[kind, sectionsOption(section)]] : []),
) as unknown as SectionTables;

const QUARANTINE_FORM = "must be at least 1 MB";
const KEEP_FORM = "must be a whole number of days from 30 to 36500";

/** The options of gateway.toml. */
export const gatewayOptions = v.strictObject({
  state: v.optional(
    v.pipe(
      pathText("must be the path of a folder"),
      v.description(
        "Folder of the ledger, the quarantine and control.json; made if missing inside the folder that holds launchers.d.",
      ),
    ),
    "var",
  ),
  cold: v.pipe(
    v.optional(
      v.strictObject({
        root: v.optional(
          v.pipe(
            pathText("must be the path of a folder"),
            v.description(
              "Folder that holds the COLD waiting directories; for EzGED `C:/nchp/var/spool/ezged/instance/ocr/wait`.",
            ),
          ),
          "var/cold",
        ),
      }),
      {},
    ),
    v.description("Where documents are delivered."),
  ),
  ledger: v.pipe(
    v.optional(
      v.strictObject({
        keep_days: v.optional(
          v.pipe(
            v.number(KEEP_FORM),
            v.integer(KEEP_FORM),
            v.minValue(30, KEEP_FORM),
            v.maxValue(36_500, KEEP_FORM),
            v.description(
              "Days for which an item is remembered after it was last found in its mailbox or folder. What is still there is never forgotten.",
            ),
          ),
          400,
        ),
      }),
      {},
    ),
    v.description("What is remembered of items, so that none is delivered twice."),
  ),
  quarantine: v.pipe(
    v.optional(
      v.strictObject({
        max_size: v.optional(
          v.pipe(
            sizeOption,
            v.minValue(1e6, QUARANTINE_FORM),
            v.description(
              "How much the quarantine may hold; a warning comes at half of it. When it is full, what cannot be processed stays where it is and is tried again.",
            ),
          ),
          "5 GB",
        ),
      }),
      {},
    ),
    v.description("What could not be processed, kept whole in the state folder."),
  ),
  status: v.pipe(
    v.optional(
      v.strictObject({
        listen: v.optional(listenOption, "127.0.0.1:8025"),
        token: v.optional(v.pipe(
          secretOption,
          v.description("Secret that opens the page from other machines: `{ env }` or `{ file }`."),
        )),
        password_hash: v.optional(v.pipe(
          secretOption,
          v.description(
            "Scrypt hash of the password that people sign in with, as `deno task password` prints it: `{ file }`, `{ env }`, or the hash itself.",
          ),
        )),
        ready: v.optional(
          v.pipe(
            v.array(v.pipe(v.string(), v.nonEmpty("must name a launcher"))),
            v.description("Launchers that count for /readyz; all of them unless given."),
          ),
        ),
        hosts: v.optional(
          v.pipe(
            v.array(hostOption),
            v.description("Host names under which the page may be asked for, behind a proxy."),
          ),
          [],
        ),
      }),
      {},
    ),
    v.description("The status page."),
  ),
  log: v.pipe(
    v.optional(
      v.strictObject({
        level: v.optional(
          v.pipe(
            v.picklist(["debug", "info", "warn", "error"]),
            v.description("The least grave kind of line that is written."),
          ),
          "info",
        ),
        format: v.optional(
          v.pipe(v.picklist(["text", "json"]), v.description("Lines for people, or one JSON object each.")),
          "text",
        ),
      }),
      {},
    ),
    v.description("The log, on standard error."),
  ),
  notify: v.optional(notifyOptions),
  ...sectionTables,
});

/** Tables that a later version will read: said clearly, not as misspelt. */
export const RESERVED_TABLES: readonly string[] = ["oauth2"];

/** gateway.toml, read; paths absolute. */
export interface GatewayConfig {
  readonly state: string;
  readonly cold: { readonly root: string };
  readonly ledger: { readonly keepDays: number };
  readonly quarantine: { readonly maxBytes: number };
  readonly status: {
    readonly listen: string;
    readonly hostname: string;
    readonly port: number;
    readonly token?: Secret;
    readonly passwordHash?: Secret;
    readonly ready?: readonly string[];
    readonly hosts: readonly string[];
  };
  readonly log: { readonly level: "debug" | "info" | "warn" | "error"; readonly format: "text" | "json" };
  /** Nobody is told unless it is there. */
  readonly notify?: NotifyConfig;
  /** The destinations besides the COLD root: by kind, then by name. */
  readonly sections: { readonly [kind: string]: { readonly [name: string]: unknown } };
}

/** Makes paths absolute, from `base`, and takes the status address apart. */
export function gatewayConfigOf(options: v.InferOutput<typeof gatewayOptions>, base: string): GatewayConfig {
  const {
    state,
    cold,
    ledger,
    quarantine,
    status: { listen, token, password_hash: passwordHash, ready, hosts },
    log,
    notify,
    ...sections
  } = options;
  const address = parseListen(listen);
  // The schema's check says so before.
  if (!address) throw new RangeError(`Cannot listen on "${listen}": ${LISTEN_FORM}`);
  return {
    state: resolve(base, state),
    cold: { root: resolve(base, cold.root) },
    ledger: { keepDays: ledger.keep_days },
    quarantine: { maxBytes: quarantine.max_size },
    status: {
      listen,
      ...address,
      hosts,
      ...(token === undefined ? {} : { token }),
      ...(passwordHash === undefined ? {} : { passwordHash }),
      ...(ready === undefined ? {} : { ready }),
    },
    log,
    ...(notify ? { notify } : {}),
    sections,
  };
}

/** Whether only programs on this machine can reach an address. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" ||
    (isIP(hostname) === 4 && hostname.startsWith("127."));
}

function parseListen(text: string): { hostname: string; port: number } | undefined {
  const match = /^(?:\[([\da-f:.]+)\]|([\p{L}\d][\p{L}\d.-]*)):(\d{1,5})$/iu.exec(text);
  if (!match) return undefined;
  const [, ipv6, name, digits] = match;
  const port = Number(digits);
  const hostname = ipv6 ?? name ?? "";
  if (port > 65535 || (ipv6 !== undefined && isIP(ipv6) !== 6)) return undefined;
  // All digits and dots is meant as an address: "127.0.0" must not be looked up as a name.
  if (/^[\d.]+$/.test(hostname) && isIP(hostname) !== 4) return undefined;
  return { hostname, port };
}
