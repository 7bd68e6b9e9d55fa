/** What the tunnel takes and what it shows: plain data and interfaces, no behaviour. */

/** A TCP address (`host` a name or an IP without brackets) or the path of a UNIX socket. */
export type Address = { readonly host: string; readonly port: number } | { readonly path: string };

/** A mail protocol with a STARTTLS of its own. */
export type MailProtocol = "pop3" | "imap" | "smtp";

/** Time limits of one service, in milliseconds. */
export interface Timeouts {
  /** To open the TCP connection, per address. */
  readonly connectMs: number;
  /** For the TLS handshake, and for the words before it (STARTTLS, HTTP CONNECT). */
  readonly handshakeMs: number;
  /** Without a byte in either direction. */
  readonly idleMs: number;
  /** Without a byte after one side has ended. */
  readonly closeMs: number;
}

/** One `[section]`, translated. Plain data: two services are the same when their JSON is, `line` apart. */
export interface ServiceOptions {
  readonly name: string;
  /** Where the section stands, for messages. */
  readonly file: string;
  readonly line: number;
  /** True: plain `accept`, TLS `connect`. False: TLS `accept`, plain `connect`. */
  readonly client: boolean;
  readonly accept: readonly Address[];
  readonly connect: readonly Address[];
  /** `prio` tries the addresses in order, `rr` starts with the next one each time. */
  readonly failover: "prio" | "rr";
  /** Allows an `accept` that other machines can reach. */
  readonly unsafeListen: boolean;
  /** False only by an explicit `verify = no`: any certificate is accepted. */
  readonly verify: boolean;
  /** PEM file of authorities, or a folder of such files; trusted besides the public ones. */
  readonly caFile?: string;
  readonly caPath?: string;
  /** Names of which the certificate must carry one; empty means the host connected to. */
  readonly checkHost: readonly string[];
  readonly checkIp: readonly string[];
  /** Server name sent; absent means the host connected to, empty means none. */
  readonly sni?: string;
  /** The peer's own certificate must be one of those in `caFile`. */
  readonly verifyPeer: boolean;
  /** False: `verifyPeer` alone decides, the chain is not looked at. */
  readonly verifyChain: boolean;
  /** PEM certificate chain and key: of the client, or in server mode of the server. */
  readonly cert?: string;
  readonly key?: string;
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
  /** Words spoken before TLS: STARTTLS of a mail protocol, or HTTP CONNECT through a proxy. */
  readonly protocol?: MailProtocol | "connect";
  /** `connect`: the target behind the proxy, as `host:port`. */
  readonly protocolHost?: string;
  readonly protocolUsername?: string;
  readonly protocolPassword?: string;
  /** What the mail program speaks, by `protocol`, port or section name: failures are told in its own words. */
  readonly mailProtocol?: MailProtocol;
  readonly timeouts: Timeouts;
  /** What a client sees when the upstream ends without close_notify: a reset, or a clean end. */
  readonly truncation: "reset" | "eof";
  /** Connections at once; further ones are refused. */
  readonly maxConnections: number;
}

/** Something to tell about a configuration file. Never contains a secret. */
export interface ConfProblem {
  readonly severity: "error" | "warning" | "info";
  readonly file: string;
  /** From 1; absent when the file as a whole is meant. */
  readonly line?: number;
  /** The section concerned; absent for a file or the part before the first section. */
  readonly section?: string;
  readonly message: string;
  readonly remedy?: string;
  /** Nothing is left to be done: what runs is safer than what is written. */
  readonly isSettled?: boolean;
}

/** A stunnel.conf, read: what can run, and everything there is to say about the rest. */
export interface ConfReading {
  readonly services: ServiceOptions[];
  readonly problems: ConfProblem[];
}

/** One line of the tunnel's log; `properties` are plain values, never credentials or mail. */
export interface TunnelLogEntry {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly properties: Record<string, unknown>;
}

/** Receives the log; must not throw. */
export type TunnelLog = (entry: TunnelLogEntry) => void;

export interface TunnelOptions {
  readonly services: readonly ServiceOptions[];
  readonly log?: TunnelLog;
  /** False: no port is opened, services can only be dialled. */
  readonly listen?: boolean;
  /** Threads that serve clients of native TLS; 0, the default, serves them where the tunnel was started. */
  readonly threads?: number;
  /** How long after its use an upstream's certificate is looked at, in milliseconds; 10 s unless given. */
  readonly probeDelayMs?: number | undefined;
}

/** Running services. Disposing cuts everything at once. */
export interface Tunnel extends AsyncDisposable {
  readonly services: readonly Service[];
  /** The first service of that name. */
  service(name: string): Service | undefined;
  /** Makes these the running services: unchanged ones keep listeners and connections, removed ones let theirs end. */
  reload(services: readonly ServiceOptions[]): Promise<void>;
  /** Stops accepting, waits at most `graceMs` for the connections to end, then cuts the rest. */
  drain(graceMs: number): Promise<void>;
}

/** Totals since the service started, and the connections open now. */
export interface ServiceCounters {
  /** Accepted or dialled. */
  connections: number;
  active: number;
  /** Turned away before anything was dialled: limit reached, TLS on the plain port. */
  refused: number;
  /** Upstream not reached, not trusted, or cut. */
  failed: number;
  /** From clients to the upstream, in bytes. */
  bytesIn: number;
  /** From the upstream to clients, in bytes. */
  bytesOut: number;
}

/** What is known of the TLS side; from a probe that decides nothing about trust. */
export interface ServiceTls {
  /** As OpenSSL names it: `TLSv1.3`. */
  readonly version?: string;
  readonly subject?: string;
  readonly issuer?: string;
  readonly names?: readonly string[];
  readonly validFrom?: Date;
  readonly validTo?: Date;
  /** SHA-256 of the certificate, hex with colons. */
  readonly fingerprint?: string;
  readonly at?: Date;
  /** False on services that go through node:tls, which cannot tell a truncated stream from a whole one. */
  readonly detectsTruncation: boolean;
}

export type ServiceState = "starting" | "listening" | "error" | "stopped";

/** One accept/connect pair. */
export interface Service {
  readonly name: string;
  readonly options: ServiceOptions;
  readonly state: ServiceState;
  /** Why no port is open, and the ways to mend it. */
  readonly error?: { readonly message: string; readonly remedies: readonly string[] } | undefined;
  /** Really bound, as `host:port` or a path. */
  readonly addresses: readonly string[];
  readonly counters: Readonly<ServiceCounters>;
  readonly lastError?: { readonly message: string; readonly remedy?: string; readonly at: Date } | undefined;
  readonly tls?: ServiceTls | undefined;
  /** Standing dangers to show, such as verification turned off. */
  readonly warnings: readonly string[];
  /**
   * Opens the verified upstream connection inside this process, with this service's target, STARTTLS and counters;
   * works also when the local port could not be opened. Rejects with `TunnelError`.
   */
  dial(signal?: AbortSignal): Promise<DialledConnection>;
}

/** A byte connection to the upstream. */
export interface DialledConnection {
  /** Reads at most `into.length` bytes; `null` at a clean end, rejects when cut short. */
  read(into: Uint8Array): Promise<number | null>;
  /** May be short: write the rest again. */
  write(from: Uint8Array): Promise<number>;
  /** Says that nothing more will be written; reading goes on. */
  closeWrite(): Promise<void>;
  /** Drops the connection; pending calls reject. */
  close(): void;
}

/** What went wrong with a connection. */
export type TunnelFault =
  | "refused"
  | "dns"
  | "timeout"
  | "unreachable"
  | "reset"
  | "truncated"
  | "certificate-expired"
  | "certificate-not-yet-valid"
  | "certificate-name"
  | "certificate-unknown-issuer"
  | "certificate-self-signed"
  | "certificate-pin"
  | "certificate"
  | "plain-text"
  | "too-old"
  | "tls"
  | "starttls"
  | "proxy"
  | "configuration"
  | "limit"
  | "descriptors"
  | "aborted";

/** The tunnel's own error; the message is a sentence for an administrator, without secrets. */
export class TunnelError extends Error {
  readonly kind: TunnelFault;
  /** What to do about it. */
  readonly remedy?: string;
  constructor(kind: TunnelFault, message: string, options: ErrorOptions & { remedy?: string } = {}) {
    super(message, options);
    this.name = "TunnelError";
    this.kind = kind;
    if (options.remedy !== undefined) this.remedy = options.remedy;
  }
}
