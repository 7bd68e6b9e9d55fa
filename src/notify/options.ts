/** `[notify]` of gateway.toml: who is told when something has been wrong for a while. */
import * as v from "valibot";
import { secretOption } from "../secret.ts";
import { mailServerOptions } from "../sources/mail_server.ts";
import { durationOption } from "../units.ts";

const ADDRESS_FORM = 'must be a mail address, such as "informatique@exemple.fr"';
const LIST_FORM = 'must be a list of mail addresses, such as ["informatique@exemple.fr"]';
const CA_FORM = "must be the path of a PEM file";
const AFTER_FORM = "must be from 1 s to 7 days";

/** One address without a display name: nothing in it can begin a header of its own. */
const ADDRESS = /^[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()[\]\\]+$/;

const address = v.pipe(
  v.string(ADDRESS_FORM),
  v.maxLength(254, ADDRESS_FORM),
  v.regex(ADDRESS, ADDRESS_FORM),
);

const { tunnel, server, port, tls, ca_file } = mailServerOptions;

const smtpOptions = v.strictObject({
  tunnel,
  server,
  port,
  tls,
  ca_file,
  account: v.optional(v.pipe(
    mailServerOptions.account,
    v.description("Name to sign in with; a server that asks for none needs neither account nor password."),
  )),
  password: v.optional(v.pipe(
    secretOption,
    v.description("Password of the account: `{ env }`, `{ file }`, or text."),
  )),
});

/** The options of `[notify.smtp]`. */
export type SmtpOptions = Readonly<v.InferOutput<typeof smtpOptions>>;

/** The options of `[notify]`. */
export const notifyOptions = v.pipe(
  v.strictObject({
    after: v.optional(
      v.pipe(
        durationOption,
        v.minValue(1000, AFTER_FORM),
        v.maxValue(7 * 86_400_000, AFTER_FORM),
        v.description(
          "How long a launcher or service must have been in error before somebody is told. A new quarantine entry is told at once, further ones of the same launcher at most this often.",
        ),
      ),
      "30m",
    ),
    language: v.optional(
      v.pipe(v.picklist(["fr", "en"]), v.description("Language of the messages.")),
      "fr",
    ),
    webhook: v.optional(v.pipe(
      secretOption,
      v.description(
        "Address that gets each message as a JSON POST; its `text` is what Mattermost, Slack and Rocket.Chat show. `https`, or plain `http` to a private address written as numbers. Such addresses often hold a token: keep them in `{ env }` or `{ file }`.",
      ),
    )),
    ca_file: v.optional(v.pipe(
      v.string(CA_FORM),
      v.nonEmpty(CA_FORM),
      v.description(
        "PEM file of a private certificate authority, trusted besides the public ones for the webhook.",
      ),
    )),
    mail_to: v.optional(
      v.pipe(
        v.array(address, LIST_FORM),
        v.maxLength(20, "must be 20 addresses at most"),
        v.description("Who gets each message as a mail; needs `[notify.smtp]`."),
      ),
      [],
    ),
    mail_from: v.optional(v.pipe(
      address,
      v.description("Sender of these mails; the account of `[notify.smtp]` unless given."),
    )),
    smtp: v.optional(v.pipe(
      smtpOptions,
      v.description("The server that sends the mails: a tunnel service, or a server with `tls`."),
    )),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { mail_to: mailTo, mail_from: mailFrom, smtp } = dataset.value;
    const complain = (path: readonly string[], message: string) => {
      let input: Record<string, unknown> = dataset.value;
      const steps = path.map((key) => {
        const step = { type: "object" as const, origin: "value" as const, input, key, value: input[key] };
        input = (input[key] ?? {}) as Record<string, unknown>;
        return step;
      });
      const [first, ...rest] = steps;
      if (first) addIssue({ message, path: [first, ...rest] });
    };
    if (mailTo.length > 0 && !smtp) complain(["smtp"], "is missing: mail_to needs a server to send mails");
    if (!smtp) return;
    if (mailTo.length === 0) complain(["mail_to"], "is missing: smtp is there, but nobody to write to");
    if (smtp.tunnel === undefined && smtp.server === undefined) {
      complain(["smtp", "server"], "is missing: give server, or tunnel");
    }
    for (const key of ["server", "port", "tls", "ca_file"] as const) {
      if (smtp.tunnel !== undefined && smtp[key] !== undefined) {
        complain(["smtp", key], "cannot stand beside tunnel: the service of the .conf file decides it");
      }
    }
    if ((smtp.account === undefined) !== (smtp.password === undefined)) {
      const missing = smtp.account === undefined ? "account" : "password";
      complain(["smtp", missing], "is missing: account and password go together");
    }
    if (mailFrom === undefined && !ADDRESS.test(smtp.account ?? "")) {
      complain(["mail_from"], "is missing: the account of smtp is no mail address to write from");
    }
  }),
  v.description(
    "Who is told when something needs a person: one message when it has been wrong for a while, one when it is well again. No mail content and no secret is in them.",
  ),
);

/** `[notify]`, read. */
export type NotifyConfig = Readonly<v.InferOutput<typeof notifyOptions>>;
