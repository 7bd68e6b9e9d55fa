/** One section while its options are read, and what becomes of it in the end. */
import type { ConfLine } from "./stunnel_conf.ts";
import { formatAddress, guessMailProtocol, isLocal, type PartialAddress } from "./stunnel_values.ts";
import type { Address, ConfProblem, MailProtocol, ServiceOptions } from "./types.ts";

/** Takes a finding about the line being read. */
export type Report = (severity: ConfProblem["severity"], message: string, remedy?: string) => void;

/** The options of one section so far, as stunnel would hold them. */
export class Draft {
  client = false;
  accept: PartialAddress[] = [];
  connect: PartialAddress[] = [];
  failover: "prio" | "rr" = "prio";
  unsafeListen = false;
  /** Our own `verify = no`; never what stunnel means by leaving it out. */
  noVerification = false;
  /** stunnel's `verify = 0…4`. */
  verifyLevel: number | undefined;
  verifyChain: boolean | undefined;
  verifyPeer: boolean | undefined;
  caFile: string | undefined;
  caPath: string | undefined;
  checkHost: string[] = [];
  checkIp: string[] = [];
  sni: string | undefined;
  cert: string | undefined;
  key: string | undefined;
  /** 2 or 3: the part after "1." of the least TLS version. */
  minMinor: 2 | 3 = 2;
  maxMinor: number | undefined;
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
  requireCert = false;
}

/** Where a section begins. */
export type SectionLine = ConfLine & {
  readonly content: { readonly kind: "section"; readonly name: string };
};

/** Turns a draft into a service, reporting on the section's own line; `undefined` when it cannot run. */
export function finishDraft(draft: Draft, section: SectionLine, report: Report): ServiceOptions | undefined {
  const { client } = draft;
  if (!checkEndpoints(draft, report)) return undefined;
  if (!client && !checkServerMode(draft, report)) return undefined;
  const accept = draft.accept.flatMap((address) =>
    complete(address, client ? ["127.0.0.1"] : ["0.0.0.0", "::"])
  );
  const connect = draft.connect.flatMap((address) => complete(address, ["localhost"]));
  const zero = connect.find((address) => "port" in address && address.port === 0);
  if (zero !== undefined) {
    report("error", `Cannot connect to "${formatAddress(zero)}": port 0 is no port to connect to`);
    return undefined;
  }
  reportExposure(draft, accept, report);
  const verification = decideVerification(draft, report);
  if (verification === undefined) return undefined;
  const { name } = section.content;
  const mailProtocol = draft.protocol !== undefined && draft.protocol !== "connect"
    ? draft.protocol
    : guessMailProtocol(name, [...connect, ...accept]);
  if (draft.protocol === "connect" && draft.protocolHost === undefined) {
    report(
      "error",
      'Cannot use "protocol = connect": protocolHost is missing',
      "Add protocolHost = HOST:PORT",
    );
    return undefined;
  }
  const key = draft.key ?? draft.cert;
  return {
    name,
    file: section.file,
    line: section.line,
    client,
    accept,
    connect,
    failover: draft.failover,
    unsafeListen: draft.unsafeListen,
    ...verification,
    ...(draft.caFile === undefined ? {} : { caFile: draft.caFile }),
    ...(draft.caPath === undefined ? {} : { caPath: draft.caPath }),
    checkHost: draft.checkHost,
    checkIp: draft.checkIp,
    ...(draft.sni === undefined ? {} : { sni: draft.sni }),
    ...(draft.cert === undefined ? {} : { cert: draft.cert }),
    ...(key === undefined ? {} : { key }),
    minVersion: draft.minMinor === 3 ? "TLSv1.3" : "TLSv1.2",
    ...(draft.protocol === undefined ? {} : { protocol: draft.protocol }),
    ...(draft.protocolHost === undefined ? {} : { protocolHost: draft.protocolHost }),
    ...(draft.protocolUsername === undefined ? {} : { protocolUsername: draft.protocolUsername }),
    ...(draft.protocolPassword === undefined ? {} : { protocolPassword: draft.protocolPassword }),
    ...(mailProtocol === undefined ? {} : { mailProtocol }),
    timeouts: {
      connectMs: draft.connectSeconds * 1000,
      handshakeMs: draft.handshakeSeconds * 1000,
      idleMs: draft.idleSeconds * 1000,
      closeMs: draft.closeSeconds * 1000,
    },
    truncation: draft.truncation,
    maxConnections: draft.maxConnections,
  };
}

function complete(address: PartialAddress, hosts: readonly string[]): Address[] {
  if ("path" in address) return [address];
  const { host, port } = address;
  return host === undefined ? hosts.map((host) => ({ host, port })) : [{ host, port }];
}

function checkEndpoints(draft: Draft, report: Report): boolean {
  const missing = [
    ...(draft.accept.length === 0 ? ["accept"] : []),
    ...(draft.connect.length === 0 ? ["connect"] : []),
  ];
  if (missing.length === 0) return true;
  report(
    "error",
    `Cannot run the section: ${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} missing`,
    "A section needs where to listen (accept = 127.0.0.1:110) and where to connect to (connect = pop.example.org:995)",
  );
  return false;
}

function checkServerMode(draft: Draft, report: Report): boolean {
  if (draft.cert === undefined) {
    report(
      "error",
      "Cannot run the section in server mode: cert is missing",
      "Add cert = FILE.pem (and key), or client = yes if this section is to connect by TLS",
    );
    return false;
  }
  const asksClients = draft.requireCert || draft.verifyChain === true || draft.verifyPeer === true ||
    (draft.verifyLevel ?? 0) > 0;
  if (asksClients) {
    report(
      "error",
      "Cannot ask clients for certificates: server mode does not support it",
      "Leave verify… and requireCert out",
    );
    return false;
  }
  if (draft.protocol === "connect") {
    report("error", 'Cannot use "protocol = connect" in server mode: it leads out through a proxy');
    return false;
  }
  return true;
}

function reportExposure(draft: Draft, accept: readonly Address[], report: Report): void {
  if (!draft.client) return;
  if (draft.accept.some((address) => "port" in address && address.host === undefined)) {
    report(
      "warning",
      "stunnel would listen on all interfaces for an accept without address; this listens on 127.0.0.1 alone",
      "Write the address that is meant, as in accept = 127.0.0.1:110",
    );
  }
  const exposed = accept.filter((address) => !isLocal(address)).map(formatAddress);
  if (exposed.length === 0) return;
  const danger = `Other machines can reach ${
    exposed.join(", ")
  }: passwords and mail cross the network in clear text`;
  if (draft.unsafeListen) report("warning", danger);
  else {
    report(
      "warning",
      `${danger}; it is not opened`,
      "Listen on 127.0.0.1, or add unsafe-listen = yes to the section to accept the danger",
    );
  }
}

type Verification = Pick<ServiceOptions, "verify" | "verifyPeer" | "verifyChain">;

/** What is checked of the upstream's certificate: more than stunnel did, unless `verify = no` says otherwise. */
function decideVerification(draft: Draft, report: Report): Verification | undefined {
  const off = { verify: false, verifyPeer: false, verifyChain: false };
  if (!draft.client) return off;
  if (draft.noVerification) {
    report(
      "warning",
      "verify = no: any server is taken for the right one, passwords can be stolen on the way",
      "Remove it; for a private authority set CAfile, for a self-signed server pin it with verifyPeer = yes and CAfile",
    );
    return off;
  }
  const level = draft.verifyLevel ?? 0;
  const verifyPeer = draft.verifyPeer ?? level >= 3;
  const wantsChain = draft.verifyChain ?? (level === 2 || level === 3);
  if (verifyPeer) {
    if (draft.caFile === undefined) {
      report(
        "error",
        "Cannot pin the server's certificate: CAfile is missing",
        "Set CAfile to a PEM file with it",
      );
      return undefined;
    }
    report("info", "The server's own certificate must be one of those in CAfile");
    return { verify: true, verifyPeer, verifyChain: wantsChain };
  }
  if (!wantsChain) {
    report(
      "warning",
      "stunnel accepted any certificate here; this accepts only a valid one for the host connected to",
      "For a private authority set CAfile, for a self-signed server pin it with verifyPeer = yes and CAfile",
    );
  } else if (draft.checkHost.length + draft.checkIp.length === 0) {
    report(
      "warning",
      "stunnel checked the certificate's chain here; this also checks that it names the host",
    );
  }
  return { verify: true, verifyPeer: false, verifyChain: true };
}
