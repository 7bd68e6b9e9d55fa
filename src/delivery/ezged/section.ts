/** `[ezged.NAME]` of gateway.toml: where an EzGED is, and how to sign in there. */
import * as v from "valibot";
import { isPrivateHost } from "../../hosts.ts";
import { secretOption } from "../../secret.ts";
import { durationOption } from "../../units.ts";

const URL_FORM = 'must be the address of EzGED, such as "https://ged.exemple.fr/ezged3"';
const PLAIN_FORM =
  "must begin with https:// (plain http is only for a private address written as numbers, such as http://192.168.1.20/ezged3)";
const TEXT_FORM = "must be text without control characters";

// deno-lint-ignore no-control-regex -- They have no place in a form field.
const TEXT = /^[^\x00-\x1f\x7f]+$/;

/** The options of one EzGED. */
export const ezgedSection = v.pipe(
  v.strictObject({
    url: v.pipe(
      v.string(URL_FORM),
      v.rawCheck(({ dataset, addIssue }) => {
        const fault = dataset.typed ? faultOfUrl(dataset.value) : undefined;
        if (fault !== undefined) addIssue({ message: fault });
      }),
      v.description(
        "Address of EzGED, as in a browser, without `/data`. Plain `http` only to a private address written as numbers: the password's hash could be read on the way.",
      ),
    ),
    account: v.pipe(
      v.string(TEXT_FORM),
      v.regex(TEXT, TEXT_FORM),
      v.description("EzGED user to sign in as; give it the rights it needs and no others."),
    ),
    password: v.pipe(secretOption, v.description("Password of that user: `{ env }`, `{ file }`, or text.")),
    token: v.pipe(
      secretOption,
      v.description(
        "The upload token of this EzGED, a constant that its own uploader sends: `{ env }`, `{ file }`, or text.",
      ),
    ),
    domain: v.optional(v.pipe(
      v.string(TEXT_FORM),
      v.regex(TEXT, TEXT_FORM),
      v.description(
        "LDAP domain of the user; the password is then sent as it is (inside TLS), not as a hash.",
      ),
    )),
    ca_file: v.optional(v.pipe(
      v.string("must be the path of a PEM file"),
      v.nonEmpty("must be the path of a PEM file"),
      v.description("PEM file of a private certificate authority, trusted beside the public ones."),
    )),
    arrays: v.optional(
      v.pipe(
        v.picklist(["indexed", "json"]),
        v.description(
          "How a row's columns are written: `indexed`, `fields[0]=…` (as documented), or `json`, one JSON list each (older servers).",
        ),
      ),
      "indexed",
    ),
    timeout: v.optional(
      v.pipe(
        durationOption,
        v.minValue(1000, "must be at least 1 s"),
        v.maxValue(600_000, "must be at most 10 minutes"),
        v.description("How long EzGED may take to answer once it has the whole request."),
      ),
      "30s",
    ),
  }),
  v.description(
    'An EzGED reached over its web service, for launchers with `ezged = "NAME"`. Experimental: built from public documentation, not yet tried on a real EzGED.',
  ),
);

/** `[ezged.NAME]`, read. */
export type EzgedSection = Readonly<v.InferOutput<typeof ezgedSection>>;

/** Says what keeps a text from being EzGED's address; `undefined` when nothing does. */
export function faultOfUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === "") return URL_FORM;
  if (url.username !== "" || url.password !== "") {
    return "must not hold a password: put it into account and password";
  }
  if (url.search !== "" || url.hash !== "") return "must not have anything behind ? or #";
  return url.protocol === "http:" && !isPrivateHost(url.hostname) ? PLAIN_FORM : undefined;
}

/** Whether the way there is open to readers. */
export function isPlain(url: string): boolean {
  return URL.parse(url)?.protocol === "http:";
}

/** Where a section leads, for people. */
export function describeSection(section: unknown): string {
  const { url, account } = v.parse(v.object({ url: v.string(), account: v.string() }), section);
  return `${url} (${account})`;
}
