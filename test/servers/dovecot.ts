/** A private Dovecot 2.3 on loopback for tests: POP3, POP3S, IMAP and IMAPS with a certificate of its own. */
import { join } from "node:path";
import { createAuthority } from "./certificates.ts";
import { isInstalled, skipped } from "./installed.ts";

/** Ports and files of a running Dovecot. */
export interface Dovecot extends AsyncDisposable {
  readonly ports: {
    readonly imap: number;
    readonly imaps: number;
    readonly pop3: number;
    readonly pop3s: number;
  };
  /** PEM file of the authority behind its certificate. */
  readonly caFile: string;
  readonly account: string;
  /** Every account, the one above first; all have the same password. */
  readonly accounts: readonly string[];
  readonly password: string;
  /** Puts mails into a mailbox, one after another, oldest first: INBOX of the first account unless given. */
  seed(mails: Iterable<Uint8Array<ArrayBuffer>>, into?: DovecotPlace): Promise<void>;
  /** Delivers a mail as a mail server does: written aside, then renamed into INBOX. */
  deliver(mail: Uint8Array<ArrayBuffer>, account?: string): Promise<void>;
  /** The names of the files of a mailbox: one for each mail, with its flags at the end. */
  files(into?: DovecotPlace): Promise<string[]>;
  /** Makes the server forget the numbers of the first account's INBOX: UIDVALIDITY changes. */
  renumber(): Promise<void>;
  /** An OAuth 2 access token for an account, a JWT (RFC 7519) that is good for so long. */
  token(account: string, seconds: number): Promise<string>;
  /** How often anybody has signed in so far. */
  signIns(): Promise<number>;
}

/** A mailbox of an account; the first account's INBOX unless given. */
export interface DovecotPlace {
  readonly account?: string;
  /** As Maildir++ names it: `.Factures`. */
  readonly folder?: string;
}

/** What a test may set. */
export interface DovecotOptions {
  /** How many accounts there are; one unless given. */
  readonly accounts?: number;
  /** Added at the end of dovecot.conf. */
  readonly configuration?: string;
}

/** `nobody` of Debian: Dovecot refuses to serve mail as root. */
const MAIL_UID = 65534;
const TOKEN_KEY = new TextEncoder().encode("a key of at least thirty-two octets");

/** Why Dovecot cannot be started; `undefined` when it can. Throws where no test may be skipped. */
export function whyNoDovecot(): string | undefined {
  if (Deno.build.os !== "linux") return skipped("Dovecot is started on Linux only");
  if (Deno.uid() !== 0) return skipped("Dovecot is started as root only");
  return skipped(
    isInstalled("dovecot")
      ? undefined
      : "dovecot is not installed (Debian: apt install dovecot-imapd dovecot-pop3d)",
  );
}

/** Starts Dovecot in a folder of its own; disposing stops it and removes the folder. */
export async function startDovecot(options: DovecotOptions = {}): Promise<Dovecot> {
  const folder = await Deno.makeTempDir({ prefix: "dovecot-" });
  await Deno.chmod(folder, 0o755);
  const [imap = 0, imaps = 0, pop3 = 0, pop3s = 0] = freePorts(4);
  const authority = await createAuthority();
  const { cert, key } = await authority.issue();
  const caFile = join(folder, "ca.pem");
  await Deno.writeTextFile(caFile, authority.pem);
  await Deno.writeTextFile(join(folder, "cert.pem"), cert);
  await Deno.writeTextFile(join(folder, "key.pem"), key, { mode: 0o600 });
  const account = "ged@exemple.test";
  const more = Array.from({ length: (options.accounts ?? 1) - 1 }, (_, n) => `ged${n + 2}@exemple.test`);
  const accounts = [account, ...more];
  const password = "secret-de-test";
  await Deno.writeTextFile(
    join(folder, "users"),
    accounts.map((name) => `${name}:{PLAIN}${password}:${MAIL_UID}:${MAIL_UID}::${folder}/mail/${name}::\n`)
      .join(""),
  );
  const maildir = ({ account: name = account, folder: inside = "" }: DovecotPlace = {}) =>
    join(folder, "mail", name, "Maildir", inside);
  const makeMaildir = async (path: string) => {
    for (const sub of ["cur", "new", "tmp"]) await Deno.mkdir(join(path, sub), { recursive: true });
  };
  for (const name of accounts) await makeMaildir(maildir({ account: name }));
  await run("chown", ["-R", `${MAIL_UID}:${MAIL_UID}`, join(folder, "mail")]);
  await writeTokenKey(folder);
  const configuration = join(folder, "dovecot.conf");
  await Deno.writeTextFile(
    configuration,
    configurationText(folder, { imap, imaps, pop3, pop3s }) + (options.configuration ?? ""),
  );
  await run("dovecot", ["-c", configuration]);
  for (const port of [imap, imaps, pop3, pop3s]) await answers(port);
  let seeded = 0;
  return {
    ports: { imap, imaps, pop3, pop3s },
    caFile,
    account,
    accounts,
    password,
    async seed(mails, into) {
      const path = maildir(into);
      await makeMaildir(path);
      await run("chown", ["-R", `${MAIL_UID}:${MAIL_UID}`, path]);
      for (const mail of mails) {
        // The delivery time in the name is what Dovecot orders by.
        const name = `${1_600_000_000 + seeded}.M${seeded++}.test,S=${mail.length},W=${mail.length}:2,`;
        await Deno.writeFile(join(path, "cur", name), mail);
        await Deno.chown(join(path, "cur", name), MAIL_UID, MAIL_UID);
      }
    },
    async deliver(mail, to) {
      const path = maildir(to === undefined ? {} : { account: to });
      const name = `${1_700_000_000 + seeded}.M${seeded++}.test,S=${mail.length},W=${mail.length}`;
      await Deno.writeFile(join(path, "tmp", name), mail);
      await Deno.chown(join(path, "tmp", name), MAIL_UID, MAIL_UID);
      await Deno.rename(join(path, "tmp", name), join(path, "new", name));
    },
    async files(into) {
      const names: string[] = [];
      for (const sub of ["cur", "new"]) {
        for await (const { name } of Deno.readDir(join(maildir(into), sub))) names.push(name);
      }
      return names.sort();
    },
    async renumber() {
      for await (const { name } of Deno.readDir(maildir())) {
        if (name.startsWith("dovecot")) await Deno.remove(join(maildir(), name));
      }
    },
    token: (name, seconds) => signedToken(name, seconds),
    async signIns() {
      const log = await Deno.readTextFile(join(folder, "dovecot.log"));
      return [...log.matchAll(/-login: Info: Login: /g)].length;
    },
    async [Symbol.asyncDispose]() {
      await run("doveadm", ["-c", configuration, "stop"]);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function configurationText(folder: string, ports: Dovecot["ports"]): string {
  const listener = (service: string, port: number, tls: boolean) =>
    `  inet_listener ${service} {\n    port = ${port}\n    ssl = ${tls ? "yes" : "no"}\n  }\n`;
  return `base_dir = ${folder}/run
state_dir = ${folder}/state
instance_name = lanceur-test
protocols = imap pop3
listen = 127.0.0.1
log_path = ${folder}/dovecot.log
ssl = yes
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:~/Maildir
mail_fsync = never
mail_max_userip_connections = 100
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = ${folder}/oauth2.conf.ext
}
passdb {
  driver = passwd-file
  mechanisms = plain login
  args = ${folder}/users
}
userdb {
  driver = passwd-file
  args = ${folder}/users
}
service imap-login {
${listener("imap", ports.imap, false)}${listener("imaps", ports.imaps, true)}}
service pop3-login {
${listener("pop3", ports.pop3, false)}${listener("pop3s", ports.pop3s, true)}}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
`;
}

/** Lets Dovecot check tokens by itself, by the key that `signedToken` signs with. */
async function writeTokenKey(folder: string): Promise<void> {
  const keys = join(folder, "keys", "default", "HS256");
  await Deno.mkdir(keys, { recursive: true });
  await Deno.writeTextFile(join(keys, "default"), TOKEN_KEY.toBase64());
  await Deno.writeTextFile(
    join(folder, "oauth2.conf.ext"),
    `introspection_mode = local\nlocal_validation_key_dict = fs:posix:prefix=${folder}/keys/\n` +
      "username_attribute = sub\nusername_format = %Lu\n",
  );
}

async function signedToken(account: string, seconds: number): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object) =>
    new TextEncoder().encode(JSON.stringify(value)).toBase64({ alphabet: "base64url", omitPadding: true });
  const claims = { sub: account, iat: now - 60, nbf: now - 60, exp: now + seconds };
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", TOKEN_KEY, algorithm, false, ["sign"]);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text)));
  return `${text}.${signature.toBase64({ alphabet: "base64url", omitPadding: true })}`;
}

/** Runs a program to its end. Not through pipes: the daemon would inherit them and never let them end. */
async function run(program: string, args: string[]): Promise<void> {
  const status = await new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" })
    .spawn().status;
  if (!status.success) throw new Error(`${program} ${args.join(" ")} ended with ${status.code}`);
}

function freePorts(count: number): number[] {
  const listeners = Array.from({ length: count }, () => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
  const ports = listeners.map((listener) => listener.addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}

/** Resolves when something listens on the port. */
async function answers(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => undefined);
    conn?.close();
    if (conn) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Nothing listens on port ${port}`);
}
