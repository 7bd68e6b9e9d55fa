/**
 * Looks at an upstream's certificate on a connection of its own, for the status page and for clearer errors. It never
 * decides about trust, and sends nothing but the handshake.
 */
import { X509Certificate } from "node:crypto";
import { dialUpstream } from "./dial.ts";
import type { Credentials } from "./pem_files.ts";
import { type ServiceOptions, type ServiceTls, TunnelError, type TunnelFault } from "./types.ts";

type Found = Omit<ServiceTls, "detectsTruncation">;

const USUAL_DELAY_MS = 10_000;
const DAY_MS = 24 * 60 * 60 * 1000;
const PROBE_AGAIN_MS = DAY_MS / 2;
const REFINE_AGAIN_MS = 60_000;
const WARN_DAYS = 21;
// What the certificate itself tells better.
const VAGUE: readonly TunnelFault[] = ["certificate-unknown-issuer", "certificate-self-signed"];

/** What is known of one service's upstream certificate. */
export class CertificateProbe {
  #found: Found | undefined;
  #triedAtMs = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  readonly #options: ServiceOptions;
  readonly #delayMs: number;

  constructor(options: ServiceOptions, delayMs = USUAL_DELAY_MS) {
    this.#options = options;
    this.#delayMs = delayMs;
  }

  get found(): Found | undefined {
    return this.#found;
  }

  /** Says that the certificate runs out soon, from 21 days before. */
  get warnings(): string[] {
    const validTo = this.#found?.validTo;
    if (validTo === undefined) return [];
    const days = Math.floor((validTo.getTime() - Date.now()) / DAY_MS);
    if (days >= WARN_DAYS) return [];
    const day = validTo.toISOString().slice(0, 10);
    return [
      days < 0
        ? `The server's certificate expired on ${day}`
        : `The server's certificate expires on ${day}, in ${days} days`,
    ];
  }

  /** Looks soon, when that was not done lately. */
  schedule(credentials: Credentials): void {
    if (this.#timer !== undefined || this.#stop.signal.aborted) return;
    if (performance.now() - this.#triedAtMs < PROBE_AGAIN_MS) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#look(credentials);
    }, this.#delayMs);
    Deno.unrefTimer(Number(this.#timer));
  }

  /** Tells a self-signed certificate from an unknown authority, which native TLS does not. */
  async refine(error: unknown, credentials: Credentials): Promise<unknown> {
    if (!(error instanceof TunnelError) || !error.kind.startsWith("certificate")) return error;
    if (performance.now() - this.#triedAtMs > REFINE_AGAIN_MS) await this.#look(credentials);
    const found = this.#found;
    if (found === undefined || !VAGUE.includes(error.kind)) return error;
    const { subject, issuer, validTo, validFrom, fingerprint } = found;
    const target = error.message.replace(/: .*$/s, "");
    const day = (date: Date) => date.toISOString().slice(0, 10);
    // node:tls calls these unknown as well.
    if (validTo !== undefined && validTo.getTime() < Date.now()) {
      return new TunnelError(
        "certificate-expired",
        `${target}: its certificate has expired (${day(validTo)})`,
        {
          cause: error,
          remedy: "The server's administrator has to renew it; check this machine's clock",
        },
      );
    }
    if (validFrom !== undefined && validFrom.getTime() > Date.now()) {
      return new TunnelError(
        "certificate-not-yet-valid",
        `${target}: its certificate is not valid yet (${day(validFrom)})`,
        {
          cause: error,
          remedy: "Check this machine's clock; else ask the server's administrator",
        },
      );
    }
    if (subject !== issuer) {
      return new TunnelError(error.kind, `${error.message} ("${issuer}")`, {
        cause: error,
        ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
      });
    }
    return new TunnelError(
      "certificate-self-signed",
      `${target}: its certificate is self-signed (SHA-256 ${fingerprint})`,
      {
        cause: error,
        remedy:
          "Check it with the server's administrator, then pin it: verifyPeer = yes and CAfile = FILE.pem",
      },
    );
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#stop.abort();
  }

  /** Resolves when no probe is under way. */
  get stopped(): Promise<unknown> {
    return Promise.all(this.#running);
  }

  #look(credentials: Credentials): Promise<void> {
    this.#triedAtMs = performance.now();
    const looking = this.#dial(credentials).catch(() => {}).finally(() => this.#running.delete(looking));
    this.#running.add(looking);
    return looking;
  }

  async #dial({ cert, key }: Credentials): Promise<void> {
    const { protocolUsername: _username, protocolPassword: _password, ...options } = this.#options;
    const proxied = this.#options.protocol === "connect" ? this.#options : options;
    const unchecked = { ...proxied, verify: false, verifyPeer: false, verifyChain: false };
    const own = cert === undefined || key === undefined ? {} : { cert, key };
    const context = { credentials: { authorities: [], ...own }, turn: 0, signal: this.#stop.signal };
    let raw: Uint8Array | undefined;
    const { connection, tlsVersion } = await dialUpstream(unchecked, {
      ...context,
      onCertificate: (der) => void (raw = der),
    });
    connection.close();
    if (raw === undefined) return;
    const certificate = new X509Certificate(raw);
    this.#found = {
      ...(tlsVersion ? { version: tlsVersion } : {}),
      subject: oneLine(certificate.subject),
      issuer: oneLine(certificate.issuer),
      names: (certificate.subjectAltName ?? "").split(", ").map((name) =>
        name.replace(/^(DNS|IP Address):/, "")
      ),
      validFrom: new Date(certificate.validFrom),
      validTo: new Date(certificate.validTo),
      fingerprint: certificate.fingerprint256,
      at: new Date(),
    };
  }
}

function oneLine(name: string): string {
  return name.replaceAll(/\p{Cc}+/gu, ", ").slice(0, 200);
}
