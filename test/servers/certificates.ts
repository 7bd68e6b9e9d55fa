/** Certificates for test and demo servers, signed by an authority made on the spot. */
// @peculiar/x509 needs it before itself (its dependency tsyringe).
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { isIP } from "node:net";

const KEY_ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };
const SIGNING_ALGORITHM = { name: "ECDSA", hash: "SHA-256" };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

x509.cryptoProvider.set(crypto);

/** What a certificate says; by default valid from an hour ago for thirty days. */
export interface CertificateOptions {
  /** DNS names or IP addresses; `localhost` and `127.0.0.1` unless given. */
  readonly names?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/** A certificate (PEM) and its private key (PEM, PKCS#8), as `Deno.listenTls` takes them. */
export interface IssuedCertificate {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority that lives as long as the process. */
export interface Authority {
  /** Its own certificate: what a client trusts (`ca_file`, `CAfile`). */
  readonly pem: string;
  /** Signs a new server and client certificate with a key of its own. */
  issue(options?: CertificateOptions): Promise<IssuedCertificate>;
}

/** Makes an authority; two with the same name still do not trust each other. */
export async function createAuthority(name = "Lanceur test authority"): Promise<Authority> {
  const keys = await generateKeys();
  const now = Date.now();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerial(),
    name: [{ CN: [name] }],
    notBefore: new Date(now - 365 * DAY_MS),
    notAfter: new Date(now + 365 * DAY_MS),
    keys,
    signingAlgorithm: SIGNING_ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    pem: authority.toString("pem") + "\n",
    issue: (options = {}) => issueCertificate({ certificate: authority, keys }, options),
  };
}

/** A certificate that vouches for itself; with `authority` like those openssl makes, which may sign others. */
export async function issueSelfSigned(
  options: { readonly names?: readonly string[]; readonly authority?: boolean } = {},
): Promise<IssuedCertificate> {
  const keys = await generateKeys();
  const names = options.names ?? ["localhost"];
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerial(),
    name: [{ CN: [names[0] ?? "unnamed"] }],
    notBefore: new Date(Date.now() - HOUR_MS),
    notAfter: new Date(Date.now() + 30 * DAY_MS),
    keys,
    signingAlgorithm: SIGNING_ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(options.authority === true, undefined, true),
      subjectAlternativeName(names),
    ],
  });
  return { cert: certificate.toString("pem") + "\n", key: await exportKey(keys) };
}

interface Issuer {
  readonly certificate: x509.X509Certificate;
  readonly keys: CryptoKeyPair;
}

async function issueCertificate(issuer: Issuer, options: CertificateOptions): Promise<IssuedCertificate> {
  const names = options.names ?? ["localhost", "127.0.0.1"];
  const now = Date.now();
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject: [{ CN: [names[0] ?? "unnamed"] }],
    issuer: issuer.certificate.subject,
    notBefore: options.notBefore ?? new Date(now - HOUR_MS),
    notAfter: options.notAfter ?? new Date(now + 30 * DAY_MS),
    publicKey: keys.publicKey,
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: SIGNING_ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.serverAuth,
        x509.ExtendedKeyUsage.clientAuth,
      ]),
      subjectAlternativeName(names),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey),
    ],
  });
  return { cert: certificate.toString("pem") + "\n", key: await exportKey(keys) };
}

function subjectAlternativeName(names: readonly string[]): x509.SubjectAlternativeNameExtension {
  return new x509.SubjectAlternativeNameExtension(
    names.map((value) => ({ type: isIP(value) ? "ip" as const : "dns" as const, value })),
  );
}

async function exportKey({ privateKey }: CryptoKeyPair): Promise<string> {
  const key = await crypto.subtle.exportKey("pkcs8", privateKey);
  return x509.PemConverter.encode(key, "PRIVATE KEY") + "\n";
}

async function generateKeys(): Promise<CryptoKeyPair> {
  return await crypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
}

/** A positive serial of 127 bits at most (RFC 5280, 4.1.2.2). */
function randomSerial(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toHex();
}
