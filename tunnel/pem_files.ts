/** Certificates and keys from files, read again when they change. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import * as path from "node:path";
import { splitPem } from "./stunnel_files.ts";
import { type ServiceOptions, TunnelError } from "./types.ts";

/** What a service's files hold now. */
export interface Credentials {
  /** Certificates of authorities, or with `verifyPeer` the pinned ones; PEM, one each. */
  readonly authorities: readonly string[];
  readonly cert?: string;
  readonly key?: string;
}

const MAX_AUTHORITIES = 5000;

/** The files of one service. A broken new version leaves the old one in use. */
export class PemFiles {
  readonly #options: ServiceOptions;
  #stamp = "";
  #credentials: Credentials | undefined;
  #fault: string | undefined;

  constructor(options: ServiceOptions) {
    this.#options = options;
  }

  /** Why the newest version of the files is not in use; absent when it is. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Reads what has changed. Throws `TunnelError("configuration")` when there never was a version that can be used. */
  async load(): Promise<Credentials> {
    const { caFile, caPath, cert, key } = this.#options;
    const files = [caFile, caPath, cert, key].filter((file) => file !== undefined);
    if (files.length === 0) return this.#credentials ??= { authorities: [] };
    try {
      const stamp = files.map(stampOf).join("\n");
      if (this.#credentials !== undefined && stamp === this.#stamp) return this.#credentials;
      this.#stamp = stamp;
      this.#credentials = await read(this.#options);
      this.#fault = undefined;
    } catch (error) {
      this.#fault = error instanceof Error ? error.message : String(error);
      if (this.#credentials === undefined) {
        throw new TunnelError("configuration", this.#fault, { cause: error });
      }
    }
    return this.#credentials;
  }
}

/** Synchronous: it takes some microseconds, where waiting for another thread takes longer than a TLS handshake. */
function stampOf(file: string): string {
  const { mtime, size, ino } = Deno.statSync(file);
  return `${mtime?.getTime()} ${size} ${ino}`;
}

async function read({ caFile, caPath, cert, key, client }: ServiceOptions): Promise<Credentials> {
  const authorities: string[] = [];
  if (client && caFile !== undefined) authorities.push(...await readCertificates(caFile));
  if (client && caPath !== undefined) {
    for await (const entry of Deno.readDir(caPath)) {
      if (!/\.(pem|crt|cer|\d)$/.test(entry.name)) continue;
      authorities.push(...await readCertificates(path.join(caPath, entry.name)));
      if (authorities.length > MAX_AUTHORITIES) {
        throw new RangeError(`Cannot use "${caPath}": too many certificates`);
      }
    }
  }
  if (cert === undefined) return { authorities };
  const chain = (await readCertificates(cert)).join("\n");
  return { authorities, cert: chain, key: await readKey(key ?? cert, chain) };
}

async function readCertificates(file: string): Promise<string[]> {
  const certificates = splitPem(await Deno.readTextFile(file));
  if (certificates.length === 0) {
    throw new RangeError(`Cannot use "${file}": it holds no certificate in PEM form`);
  }
  for (const pem of certificates) {
    try {
      new X509Certificate(pem);
    } catch (cause) {
      throw new RangeError(`Cannot use "${file}": a certificate in it is damaged`, { cause });
    }
  }
  return certificates;
}

const PEM_KEY = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----[\s\S]+?-----END (?:[A-Z]+ )?PRIVATE KEY-----/;

async function readKey(file: string, chain: string): Promise<string> {
  const key = PEM_KEY.exec(await Deno.readTextFile(file))?.[0];
  if (key === undefined) {
    throw new RangeError(`Cannot use "${file}": it holds no unencrypted private key in PEM form`);
  }
  try {
    if (!new X509Certificate(chain).checkPrivateKey(createPrivateKey(key))) {
      throw new RangeError("it fits another certificate");
    }
  } catch (cause) {
    const reason = cause instanceof RangeError ? cause.message : "the key is damaged";
    throw new RangeError(`Cannot use "${file}": ${reason}`, { cause });
  }
  return key;
}
