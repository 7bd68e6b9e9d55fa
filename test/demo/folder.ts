/** The demo's folder: its launchers.d, and what is dropped for the launchers that listen to folders. */
import { join } from "node:path";
import { ACCOUNT, type MailServer } from "./mail_server.ts";
import { makePdf } from "./pdf.ts";

const ENVELOPES = new URL("../fixtures/envelopes/", import.meta.url);
const END_MARKER = "fichier_termine.txt";

/** The file that is dropped into var/inbox. */
export const DROPPED = {
  name: "Courrier arrivé n° 12.pdf",
  content: makePdf(["Courrier arrivé n° 12", "Déposé dans var/inbox"]),
};

/** Where the demo listens. */
export interface DemoPorts {
  readonly status: number;
  readonly tunnel: number;
}

/**
 * Writes launchers.d, the authority's certificate and the password file below `folder`.
 *
 * @returns the path of launchers.d.
 */
export async function writeLaunchers(folder: string, server: MailServer, ports: DemoPorts): Promise<string> {
  const launchers = join(folder, "launchers.d");
  await Promise.all(
    [launchers, join(folder, "var/inbox"), join(folder, "var/adullact")].map((path) =>
      Deno.mkdir(path, { recursive: true })
    ),
  );
  await Deno.writeTextFile(join(folder, "ca.pem"), server.caPem);
  await Deno.writeTextFile(join(folder, "mail.secret"), `${server.password}\n`, { mode: 0o600 });
  for (const [name, text] of Object.entries(launcherFiles(server, ports))) {
    await Deno.writeTextFile(join(launchers, name), text);
  }
  return launchers;
}

function launcherFiles({ pop3Port, imapPort }: MailServer, ports: DemoPorts): Record<string, string> {
  return {
    "gateway.toml": `[status]
listen = "127.0.0.1:${ports.status}"
`,
    "mail.conf": `; A plain POP3 port on this machine, verified TLS to the mail server.
[mail-pop3]
client = yes
accept = 127.0.0.1:${ports.tunnel}
connect = localhost:${pop3Port}
CAfile = ca.pem
verifyChain = yes
checkHost = localhost
`,
    "factures.toml": `description = "Factures reçues par courriel (POP3 par le tunnel)"
schedule = "@every 30s"

[listen]
protocol = "pop3"
tunnel = "mail-pop3"
account = "${ACCOUNT}"
password = { file = "mail.secret" }

[filter]
name = ['/.*\\.(?!db).*/']              # a name with a dot that "db" does not follow: Thumbs.db stays out

[deliver]
cold = "factures"
`,
    "courrier.toml": `description = "Courrier reçu (IMAP sur TLS)"
schedule = "push"

[listen]
protocol = "imap"
server = "localhost"
port = ${imapPort}
ca_file = "ca.pem"
account = "${ACCOUNT}"
password = { file = "mail.secret" }
after = { move = "Traités" }

[deliver]
cold = "courrier"
`,
    "inbox.toml": `description = "Fichiers déposés dans var/inbox"
schedule = "push"

[listen]
protocol = "folder"
path = "var/inbox"
settle = "500ms"
after = "delete"

[deliver]
cold = "inbox"
`,
    "adullact.toml": `description = "Enveloppes Adullact déposées dans var/adullact"
schedule = "push"

[listen]
protocol = "adullact"
path = "var/adullact"
settle = "500ms"
after = "delete"

[deliver]
cold = "adullact"
`,
  };
}

/** Drops the file and every sample envelope, as other programs would. */
export async function dropSamples(folder: string): Promise<void> {
  await Deno.writeFile(join(folder, "var/inbox", DROPPED.name), DROPPED.content);
  for (const envelope of await sampleEnvelopes()) {
    await copyTo(new URL(envelope, ENVELOPES), join(folder, "var/adullact"));
  }
}

/** Paths of the sample envelopes below test/fixtures/envelopes, as URLs; directories end with "/". */
export async function sampleEnvelopes(): Promise<string[]> {
  // A sample is a folder with what is expected of it beside; the others hold material of tests.
  const names = await entriesOf(ENVELOPES);
  const samples = names.filter((name) => names.includes(`${name.replace(/\/$/, "")}.expected.json`));
  const found = samples.map(async (sample) =>
    (await entriesOf(new URL(sample, ENVELOPES))).map((entry) => sample + entry)
  );
  return (await Promise.all(found)).flat();
}

async function entriesOf(url: URL): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(url));
  return entries.map(({ name, isDirectory }) => encodeURIComponent(name) + (isDirectory ? "/" : "")).sort();
}

async function copyTo(from: URL, folder: string): Promise<void> {
  const name = decodeURIComponent(from.pathname.split("/").findLast((segment) => segment !== "") ?? "");
  const target = join(folder, name);
  if (!from.pathname.endsWith("/")) return await Deno.copyFile(from, target);
  await Deno.mkdir(target);
  // The marker last: until then the envelope is not complete.
  const files = (await entriesOf(from)).sort((left, right) =>
    Number(left === END_MARKER) - Number(right === END_MARKER)
  );
  for (const file of files) await copyTo(new URL(file, from), target);
}

/** A folder for one run: `path`, kept, or a temporary one, removed when disposed. */
export class DemoFolder implements AsyncDisposable {
  private constructor(readonly path: string, readonly isTemporary: boolean) {}

  /** Makes it; rejects with `Deno.errors.AlreadyExists` when there is something in `path` already. */
  static async make(path?: string): Promise<DemoFolder> {
    if (path === undefined) {
      const made = await Deno.makeTempDir({ prefix: "lanceur-demo-" });
      return new DemoFolder(await Deno.realPath(made), true);
    }
    await Deno.mkdir(path, { recursive: true });
    for await (const _ of Deno.readDir(path)) throw new Deno.errors.AlreadyExists(path);
    return new DemoFolder(await Deno.realPath(path), false);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isTemporary) await Deno.remove(this.path, { recursive: true });
  }
}
