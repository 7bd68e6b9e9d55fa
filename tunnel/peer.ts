/** Who an upstream has to be, and how that is checked. */
import { isIP } from "node:net";
import * as tls from "node:tls";
import { NodeTlsConnection } from "./node_tls.ts";
import type { Credentials } from "./pem_files.ts";
import { type Address, type DialledConnection, type ServiceOptions, TunnelError } from "./types.ts";

/** The names a certificate may carry, and the one that is sent. */
export interface PeerNames {
  readonly accepted: readonly string[];
  /** Empty: none is sent. */
  readonly sni: string;
}

/** What names the certificate of this target may carry. */
export function peerNames(options: ServiceOptions, target: Address): PeerNames {
  // Through a proxy the target is the host behind it.
  const proxied = options.protocol === "connect" ? options.protocolHost : undefined;
  const host = proxied?.replace(/:[^:]*$/, "") ?? ("host" in target ? target.host : "localhost");
  const named = [...options.checkHost, ...options.checkIp];
  // A pin alone says which server is meant.
  const accepted = named.length > 0 || (options.verifyPeer && !options.verifyChain) ? named : [host];
  return { accepted, sni: options.sni ?? (isIP(host) ? "" : host) };
}

/** Whether native TLS, the faster one, can check this service's upstream. */
export function canUseNativeTls(options: ServiceOptions): boolean {
  if (
    !options.verify || options.verifyPeer || options.minVersion !== "TLSv1.2" || options.cert !== undefined
  ) {
    return false;
  }
  return options.connect.every((target) => "host" in target && nativeName(options, target) !== undefined);
}

/** The one name native TLS both sends and checks; `undefined` where they differ. */
export function nativeName(options: ServiceOptions, target: Address): string | undefined {
  const { accepted, sni } = peerNames(options, target);
  const [name] = accepted;
  if (name === undefined || accepted.length > 1 || name.startsWith("*.")) return undefined;
  if (options.sni !== undefined) return sni === name ? name : undefined;
  // A name sent instead of "localhost" or none at all does no harm.
  return sni === name || sni === "" || sni === "localhost" ? name : undefined;
}

/** Makes the connection that will check the peer by node:tls; await its `handshake`, then call `checkPeer`. */
export function secureByNode(
  raw: DialledConnection,
  { options, credentials, names }: {
    readonly options: ServiceOptions;
    readonly credentials: Credentials;
    readonly names: PeerNames;
  },
): NodeTlsConnection {
  const { authorities, cert, key } = credentials;
  const checksChain = options.verify && options.verifyChain;
  return new NodeTlsConnection(raw, "client", (socket) =>
    tls.connect({
      socket,
      servername: names.sni,
      minVersion: options.minVersion,
      rejectUnauthorized: checksChain,
      ...(authorities.length === 0 || !checksChain ? {} : { ca: [...authorities] }),
      ...(cert === undefined || key === undefined ? {} : { cert, key }),
      checkServerIdentity: (_host: string, certificate: tls.PeerCertificate) =>
        checksChain ? nameFault(names.accepted, certificate) : undefined,
    }));
}

/**
 * Checks the peer once more after the handshake, and what the handshake did not check: the pin, and the names where the
 * chain was not looked at. Throws `TunnelError`.
 */
export function checkPeer(
  secured: NodeTlsConnection,
  { options, credentials, names }: {
    readonly options: ServiceOptions;
    readonly credentials: Credentials;
    readonly names: PeerNames;
  },
): void {
  if (!options.verify) return;
  const { socket } = secured;
  if (options.verifyChain && !socket.authorized) {
    throw new TunnelError("certificate", "Cannot trust the server: its certificate was not verified");
  }
  const certificate = socket.getPeerCertificate();
  const fault = nameFault(names.accepted, certificate);
  if (fault !== undefined) throw fault;
  if (!options.verifyPeer) return;
  const found = new Uint8Array(certificate.raw).toBase64();
  const pinned = credentials.authorities.map((pem) => pem.replaceAll(/-----[A-Z0-9 ]+-----|\s/g, ""));
  if (!pinned.includes(found)) {
    const message = "Cannot trust the server: its certificate is none of those pinned in CAfile";
    throw new TunnelError("certificate-pin", message, {
      remedy: "If the server's certificate was renewed, check the new one and put it into CAfile",
    });
  }
}

function nameFault(accepted: readonly string[], certificate: tls.PeerCertificate): Error | undefined {
  const faults = accepted.map((name) => tls.checkServerIdentity(name, certificate));
  if (faults.length === 0 || faults.some((fault) => fault === undefined)) return undefined;
  const found = (certificate.subjectaltname ?? "").replaceAll(/(DNS|IP Address):/g, "").slice(0, 200);
  const wanted = accepted.join('", "');
  return new TunnelError(
    "certificate-name",
    `Cannot trust the server: its certificate is not for "${wanted}", but for ${found || "no name"}`,
    { remedy: "Set connect to a name the certificate has, or checkHost to the name that is meant" },
  );
}
