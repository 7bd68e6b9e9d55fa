/** Looks at the certificates that sections name, before anything is started. */
import { X509Certificate } from "node:crypto";
import * as path from "node:path";
import type { ConfProblem, ServiceOptions } from "./types.ts";

const PEM_CERTIFICATE =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\s\S]+?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;
const PEM_KEY = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/;

/** The certificates of a PEM text, one text each. */
export function splitPem(pem: string): string[] {
  return pem.match(PEM_CERTIFICATE) ?? [];
}

/** Resolves the paths and drops services whose files cannot serve. Never throws. */
export async function checkFiles(
  services: readonly ServiceOptions[],
  relativeTo: string,
): Promise<{ services: ServiceOptions[]; problems: ConfProblem[] }> {
  const checked: ServiceOptions[] = [];
  const problems: ConfProblem[] = [];
  for (const service of services) {
    const found: ConfProblem[] = [];
    checked.push(await checkService(service, { relativeTo, problems: found }));
    if (found.some((problem) => problem.severity === "error")) checked.pop();
    problems.push(...found);
  }
  return { services: checked, problems };
}

async function checkService(
  service: ServiceOptions,
  { relativeTo, problems }: { readonly relativeTo: string; readonly problems: ConfProblem[] },
): Promise<ServiceOptions> {
  const resolve = (file: string) => path.resolve(relativeTo, file);
  const report = (severity: ConfProblem["severity"], message: string, remedy?: string) =>
    void problems.push({
      severity,
      file: service.file,
      line: service.line,
      section: service.name,
      message,
      ...(remedy === undefined ? {} : { remedy }),
    });
  const { caFile, caPath, cert, key, ...rest } = service;
  const own = {
    ...(cert === undefined ? {} : { cert: resolve(cert) }),
    ...(key === undefined ? {} : { key: resolve(key) }),
  };
  if (own.cert !== undefined) await checkOwn(own.cert, own.key ?? own.cert, report);
  let authorities: Pick<ServiceOptions, "caFile" | "caPath"> = {};
  if (caFile !== undefined && service.client) {
    const fault = await certificateFault(resolve(caFile));
    if (fault === undefined) authorities = { caFile: resolve(caFile) };
    else if (service.verifyPeer) {
      report("error", `Cannot read the pinned certificate "${resolve(caFile)}": ${fault}`, PINNED_REMEDY);
    } else if (fault === MISSING) {
      report(
        "warning",
        `CAfile "${resolve(caFile)}" ${fault}; the public authorities are trusted instead`,
        AUTHORITY_REMEDY,
      );
    } else {report(
        "error",
        `Cannot read CAfile "${resolve(caFile)}": ${fault}`,
        "It needs certificates in PEM form",
      );}
  }
  if (caPath !== undefined && service.client) {
    const folder = resolve(caPath);
    const isOwn = !SYSTEM_FOLDERS.has(folder);
    if (isOwn && await isFolder(folder)) authorities = { ...authorities, caPath: folder };
    else if (isOwn) {
      report(
        "warning",
        `CApath "${folder}" is no folder here; the public authorities are trusted instead`,
        "Make that folder, with certificates in PEM form, or remove CApath",
      );
    }
    if (service.verifyPeer && caFile === undefined && authorities.caPath === undefined) {
      report(
        "error",
        "Cannot pin the server's certificate: CApath holds none",
        "Set CAfile to a PEM file with it",
      );
    }
  }
  return { ...rest, ...own, ...authorities };
}

// What such a folder holds is what "public authorities" means here.
const SYSTEM_FOLDERS = new Set(["/etc/ssl/certs", "/etc/pki/tls/certs", "/usr/lib/ssl/certs"]);
const MISSING = "does not exist";
const OWN_REMEDY =
  "Put certificate and key there, in PEM form, readable by the gateway; a client needs them only where the server asks for them: else remove cert and key";
const PINNED_REMEDY = "Put the server's certificate there, in PEM form, readable by the gateway";
const AUTHORITY_REMEDY = "Put the certificate there, in PEM form, or remove CAfile";

async function certificateFault(file: string): Promise<string | undefined> {
  let text;
  try {
    text = await Deno.readTextFile(file);
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? MISSING : "it cannot be read";
  }
  const certificates = splitPem(text);
  if (certificates.length === 0) return "it holds no certificate in PEM form";
  for (const [index, pem] of certificates.entries()) {
    try {
      new X509Certificate(pem);
    } catch {
      return `certificate ${index + 1} in it is damaged`;
    }
  }
  return undefined;
}

type FileReport = (severity: ConfProblem["severity"], message: string, remedy?: string) => void;

async function checkOwn(cert: string, key: string, report: FileReport): Promise<void> {
  if (/\.(p12|pfx)$/i.test(cert)) {
    report(
      "error",
      `Cannot use "${cert}": PKCS#12 is not supported`,
      `Convert it: openssl pkcs12 -in ${cert} -nodes -out ${cert.replace(/\.\w+$/, ".pem")}`,
    );
    return;
  }
  const fault = await certificateFault(cert);
  if (fault !== undefined) report("error", `Cannot read the certificate "${cert}": ${fault}`, OWN_REMEDY);
  try {
    if (!PEM_KEY.test(await Deno.readTextFile(key))) {
      report(
        "error",
        `Cannot read the key "${key}": it holds no unencrypted private key in PEM form`,
        OWN_REMEDY,
      );
    }
    const { mode } = await Deno.stat(key);
    if (mode !== null && (mode & 0o077) !== 0 && Deno.build.os !== "windows") {
      report("warning", `Other users can read or change the private key "${key}"`, `chmod 600 ${key}`);
    }
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? MISSING : "it cannot be read";
    report("error", `Cannot read the key "${key}": ${reason}`, OWN_REMEDY);
  }
}

async function isFolder(folder: string): Promise<boolean> {
  try {
    return (await Deno.stat(folder)).isDirectory;
  } catch {
    return false;
  }
}
