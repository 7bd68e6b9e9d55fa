/** The ways to reach people. A new one is one entry here. */
import { readCertificates } from "../sources/mail_server.ts";
import type { SourceContext } from "../sources/source.ts";
import { mailMessage, tryMailServer } from "./mail.ts";
import { type Message, testMessage, type Wording } from "./message.ts";
import type { NotifyConfig } from "./options.ts";
import { postMessage } from "./webhook.ts";

/** What a channel works with. */
export interface ChannelTools {
  readonly config: NotifyConfig;
  readonly wording: Wording;
  /** What the way to a server needs, for one attempt. */
  context(signal: AbortSignal): SourceContext;
  /** Ends the attempt. */
  readonly signal: AbortSignal;
}

/** One way to reach people. */
export interface Channel {
  /** Kept in the state folder: never change it. */
  readonly name: "webhook" | "mail";
  isWanted(config: NotifyConfig): boolean;
  /** Resolves once it was accepted, with what is to be said all the same; throws a `GatewayError`. */
  send(message: Message, tools: ChannelTools): Promise<string | undefined>;
  /** Tries it, for `check --connect`. */
  probe(tools: ChannelTools): Promise<void>;
  /** Where it leads, without any secret. */
  target(config: NotifyConfig): string;
}

const webhook: Channel = {
  name: "webhook",
  isWanted: (config) => config.webhook !== undefined,
  async send(message, { config, context, signal }) {
    const { secret, path } = context(signal);
    const authorities = config.ca_file === undefined ? [] : await readCertificates(path(config.ca_file));
    await postMessage(message, { address: await secret(config.webhook ?? ""), authorities, signal });
    return undefined;
  },
  probe: async (tools) => void await webhook.send(testMessage(tools.wording), tools),
  target: () => "[notify] webhook",
};

const mail: Channel = {
  name: "mail",
  isWanted: (config) => config.mail_to.length > 0,
  async send(message, { config, context, signal }) {
    const refused = await mailMessage(message, { config, context: context(signal) });
    return refused.length > 0 ? `the mail server refuses ${refused.join(", ")}` : undefined;
  },
  probe: async ({ config, context, signal }) =>
    void await tryMailServer({ config, context: context(signal) }),
  target: ({ smtp }) => smtp?.tunnel === undefined ? smtp?.server ?? "" : `via ${smtp.tunnel}`,
};

/** All of them. */
export const CHANNELS: readonly Channel[] = [webhook, mail];
