/** One section while its options are read: what stunnel would hold. */
import type { ConfLine } from "./stunnel_lines.ts";
import type { PartialAddress } from "./stunnel_values.ts";
import type { ConfProblem, MailProtocol } from "./types.ts";

/** Takes a finding about the line being read. */
export type Report = (gravity: Gravity, message: string, remedy?: string) => void;

/** `settled`: a warning about which nothing has to be done, because what runs is safer than what is written. */
export type Gravity = ConfProblem["severity"] | "settled";

/** The TLS versions that have a name in stunnel.conf, the oldest first. */
export const TLS_VERSIONS = ["SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;
export type TlsVersion = typeof TLS_VERSIONS[number];

/** The options of one section so far, as stunnel would hold them. */
export class Draft {
  /** Where each option stood last, by its name in lower case. */
  lines = new Map<string, ConfLine>();
  client = false;
  accept: PartialAddress[] = [];
  connect: PartialAddress[] = [];
  failover: "prio" | "rr" = "prio";
  unsafeListen = false;
  /** Our own `verify = no`; never what stunnel means by leaving it out. */
  noVerification = false;
  // verify = 0…4 of stunnel sets all three, as if they had been written.
  requestCert = false;
  verifyChain = false;
  verifyPeer = false;
  caFile: string | undefined;
  caPath: string | undefined;
  checkHost: string[] = [];
  checkIp: string[] = [];
  sni: string | undefined;
  cert: string | undefined;
  key: string | undefined;
  minVersion: TlsVersion | undefined;
  maxVersion: TlsVersion | undefined;
  /** `options = NO_TLSv1_2`. */
  forbidsTls12 = false;
  protocol: MailProtocol | "connect" | undefined;
  protocolHost: string | undefined;
  protocolUsername: string | undefined;
  protocolPassword: string | undefined;
  connectSeconds = 10;
  handshakeSeconds = 10;
  // stunnel waits 12 hours; an hour still outlives IMAP IDLE, which is renewed every 29 minutes.
  idleSeconds = 3600;
  closeSeconds = 60;
  truncation: "reset" | "eof" = "reset";
  maxConnections = 1000;

  /** What a section that begins after these options starts with. */
  copy(): Draft {
    const { lines, accept, connect, checkHost, checkIp } = this;
    return Object.assign(new Draft(), this, {
      lines: new Map(lines),
      accept: [...accept],
      connect: [...connect],
      checkHost: [...checkHost],
      checkIp: [...checkIp],
    });
  }
}
