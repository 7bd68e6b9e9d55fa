/** What becomes of a section once all its options are read. */
import { type Draft, type Report, TLS_VERSIONS } from "./stunnel_draft.ts";
import type { ConfLine } from "./stunnel_lines.ts";
import { formatAddress, guessMailProtocol, isLocal, type PartialAddress } from "./stunnel_values.ts";
import type { Address, ServiceOptions } from "./types.ts";

/** Where a section begins. */
export type SectionLine = ConfLine & {
  readonly content: { readonly kind: "section"; readonly name: string };
};

const EVERY_ADDRESS = ["0.0.0.0", "::"];

/** A draft while it is finished; `at` reports where an option stood, or on the section's own line. */
interface Section {
  readonly draft: Draft;
  readonly name: string;
  at(option?: string): Report;
}

/** Turns a draft into a service; `undefined` when it cannot run, which is then reported. */
export function finishDraft(
  draft: Draft,
  line: SectionLine,
  reporter: (line: ConfLine) => Report,
): ServiceOptions | undefined {
  const { name } = line.content;
  const { client } = draft;
  const at = (option = "") => reporter(draft.lines.get(option) ?? line);
  const section: Section = { draft, name, at };
  const isSound = checkEndpoints(section) && (client || checkServerMode(section)) && checkVersions(section);
  if (!isSound) return undefined;
  const accept = withoutTwins(
    draft.accept.flatMap((address) => complete(address, client ? ["127.0.0.1"] : EVERY_ADDRESS)),
  );
  const connect = draft.connect.flatMap((address) => complete(address, ["localhost"]));
  const spoken = draft.protocol === "connect" ? undefined : draft.protocol;
  const mailProtocol = spoken ?? guessMailProtocol(name, [...connect, ...accept]);
  const verification = decideVerification(section);
  if (verification === undefined || !checkProtocol(section)) return undefined;
  if (client) reportPorts(section, accept);
  else if (mailProtocol === "smtp") reportRelay(section, connect);
  const key = draft.key ?? draft.cert;
  const { protocol, protocolHost, protocolUsername, protocolPassword } = draft;
  return {
    name,
    file: line.file,
    line: line.line,
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
    minVersion: draft.minVersion === "TLSv1.3" || draft.forbidsTls12 ? "TLSv1.3" : "TLSv1.2",
    ...(protocol === undefined ? {} : { protocol }),
    ...(protocolHost === undefined ? {} : { protocolHost }),
    ...(protocolUsername === undefined ? {} : { protocolUsername }),
    ...(protocolPassword === undefined ? {} : { protocolPassword }),
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
  if (host === "*") return EVERY_ADDRESS.map((host) => ({ host, port }));
  return host === undefined ? hosts.map((host) => ({ host, port })) : [{ host, port }];
}

/** An address can be opened once; written twice, it would seem taken by another program. */
function withoutTwins(addresses: readonly Address[]): Address[] {
  const seen = new Set<string>();
  return addresses.filter((address) => {
    const text = formatAddress(address);
    const isTwin = seen.has(text) && !("port" in address && address.port === 0);
    seen.add(text);
    return !isTwin;
  });
}

function checkEndpoints({ draft, at }: Section): boolean {
  const lacksAccept = draft.accept.length === 0;
  const lacksConnect = draft.connect.length === 0;
  if (!lacksAccept && !lacksConnect) return true;
  at()(
    "error",
    lacksAccept && lacksConnect
      ? "Cannot run the section: accept and connect are missing"
      : `Cannot run the section: ${lacksAccept ? "accept" : "connect"} is missing`,
    "A section needs where to listen (accept = 127.0.0.1:110) and where to connect to (connect = pop.example.org:995)",
  );
  return false;
}

function checkServerMode({ draft, at }: Section): boolean {
  if (draft.cert === undefined) {
    at()(
      "error",
      "Cannot run the section in server mode: cert is missing",
      "Add cert = FILE.pem (and key), or client = yes if this section is to connect by TLS",
    );
    return false;
  }
  const asking = ["requirecert", "verifychain", "verifypeer", "verify"].find((name) => draft.lines.has(name));
  if (draft.requestCert || draft.verifyChain || draft.verifyPeer) {
    at(asking)(
      "error",
      "Cannot ask clients for certificates: server mode does not support it",
      "Leave verify… and requireCert out",
    );
    return false;
  }
  if (draft.protocol === "connect") {
    at("protocol")("error", 'Cannot use "protocol = connect" in server mode: it leads out through a proxy');
    return false;
  }
  return true;
}

function checkVersions({ draft: { minVersion, maxVersion }, at }: Section): boolean {
  if (minVersion === undefined || maxVersion === undefined) return true;
  if (TLS_VERSIONS.indexOf(minVersion) <= TLS_VERSIONS.indexOf(maxVersion)) return true;
  at("sslversionmax")(
    "error",
    `Cannot use sslVersionMax = "${maxVersion}": it is older than sslVersionMin = ${minVersion}`,
    "Leave sslVersionMax out",
  );
  return false;
}

function checkProtocol({ draft, at }: Section): boolean {
  const { client, protocol, protocolHost, protocolUsername, protocolPassword } = draft;
  if (protocol === "connect" && protocolHost === undefined) {
    at("protocol")(
      "error",
      'Cannot use "protocol = connect": protocolHost is missing',
      "Add protocolHost = HOST:PORT, the server behind the proxy",
    );
    return false;
  }
  if (protocolHost !== undefined && protocol !== "connect") {
    at("protocolhost")("warning", "protocolHost: ignored, only protocol = connect uses it here");
  }
  if (protocolUsername === undefined && protocolPassword === undefined) return true;
  const named = protocolUsername === undefined ? "protocolPassword" : "protocolUsername";
  if (!client || (protocol !== "smtp" && protocol !== "connect")) {
    at(named.toLowerCase())(
      "warning",
      `${named}: ignored, only protocol = smtp and protocol = connect of a client section sign in`,
    );
  } else if (protocolUsername === undefined || (protocol === "smtp" && protocolPassword === undefined)) {
    const missing = protocolUsername === undefined ? "protocolUsername" : "protocolPassword";
    at(named.toLowerCase())("warning", `${named}: nobody signs in, as ${missing} is missing`);
  } else if (protocol === "smtp" && draft.noVerification) {
    at("protocolpassword")(
      "error",
      "Cannot send protocolPassword to a server that is not verified (verify = no): anybody could take it",
      "Remove verify = no; for a private authority set CAfile, for a self-signed server pin it with verifyPeer = yes and CAfile",
    );
    return false;
  }
  return true;
}

function reportPorts({ draft, at }: Section, accept: readonly Address[]): void {
  for (const address of draft.connect) {
    if (!("port" in address) || address.host !== undefined) continue;
    at("connect")("warning", `connect = ${address.port} in client mode means this machine, which is unusual`);
  }
  if (draft.accept.some((address) => "port" in address && address.host === undefined)) {
    at("accept")(
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
  if (draft.unsafeListen) at("accept")("warning", danger);
  else {
    at("accept")(
      "warning",
      `${danger}; it is not opened`,
      "Listen on 127.0.0.1, or add unsafe-listen = yes to the section to accept the danger",
    );
  }
}

/** Says what stunnel's own sample configuration says of its section for SMTP. */
function reportRelay({ at }: Section, connect: readonly Address[]): void {
  const local = connect.filter(isLocal).map(formatAddress);
  if (local.length === 0) return;
  at("connect")(
    "warning",
    `Mail from any machine reaches ${
      local.join(", ")
    } as if it came from this one: a mail server that trusts its own machine becomes an open relay`,
    "Let the mail server ask for a password also on this machine, or accept on a trusted network alone",
  );
}

type Verification = Pick<ServiceOptions, "verify" | "verifyPeer" | "verifyChain">;

/** What is checked of the upstream's certificate: more than stunnel did, unless `verify = no` says otherwise. */
function decideVerification({ draft, at }: Section): Verification | undefined {
  const off = { verify: false, verifyPeer: false, verifyChain: false };
  const { client, verifyPeer, verifyChain } = draft;
  if (!client) return off;
  if (draft.noVerification) {
    at("verify")(
      "warning",
      "verify = no: any server is taken for the right one, passwords can be stolen on the way",
      "Remove it; for a private authority set CAfile, for a self-signed server pin it with verifyPeer = yes and CAfile",
    );
    return off;
  }
  if (verifyPeer) {
    const place = at(draft.lines.has("verifypeer") ? "verifypeer" : "verify");
    if (draft.caFile === undefined && draft.caPath === undefined) {
      place(
        "error",
        "Cannot pin the server's certificate: CAfile is missing",
        "Set CAfile to a PEM file with it",
      );
      return undefined;
    }
    place("info", "The server's own certificate must be one of those in CAfile");
    return { verify: true, verifyPeer, verifyChain };
  }
  if (!verifyChain) {
    at()(
      "warning",
      "stunnel accepted any certificate here; this accepts only a valid one for the host connected to",
      draft.caFile === undefined && draft.caPath === undefined
        ? "For a private authority set CAfile, for a self-signed server pin it with verifyPeer = yes and CAfile"
        : "Write verifyChain = yes to say that it is meant; CAfile alone made stunnel check nothing",
    );
  } else if (draft.checkHost.length + draft.checkIp.length === 0) {
    at()(
      "settled",
      "stunnel checked the certificate's chain here; this also checks that it names the host",
      "Write checkHost = NAME where the certificate names another host than connect, or to say that this is known",
    );
  }
  return { verify: true, verifyPeer: false, verifyChain: true };
}
