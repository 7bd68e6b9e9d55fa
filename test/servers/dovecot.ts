/** A private Dovecot 2.3 on loopback for tests: POP3, POP3S, IMAP and IMAPS with a certificate of its own. */
import { join } from "node:path";
import { createAuthority } from "./certificates.ts";

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
  readonly password: string;
  /** Puts mails into the mailbox, one after another, oldest first. */
  seed(mails: Iterable<Uint8Array<ArrayBuffer>>): Promise<void>;
}

/** `nobody` of Debian: Dovecot refuses to serve mail as root. */
const MAIL_UID = 65534;

/**
 * Why Dovecot cannot be started here; `undefined` when it can. With `LANCEUR_TEST_SERVERS=required` a missing one
 * is an error, so that a test is never skipped in silence.
 */
export function whyNoDovecot(): string | undefined {
  const reason = Deno.build.os !== "linux"
    ? "Dovecot is started on Linux only"
    : Deno.uid() !== 0
    ? "Dovecot is started as root only"
    : isInstalled()
    ? undefined
    : "dovecot is not installed (Debian: apt install dovecot-imapd dovecot-pop3d)";
  if (reason !== undefined && Deno.env.get("LANCEUR_TEST_SERVERS") === "required") throw new Error(reason);
  return reason;
}

/** Starts Dovecot in a folder of its own; disposing stops it and removes the folder. */
export async function startDovecot(): Promise<Dovecot> {
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
  const password = "secret-de-test";
  await Deno.writeTextFile(
    join(folder, "users"),
    `${account}:{PLAIN}${password}:${MAIL_UID}:${MAIL_UID}::${folder}/mail::\n`,
  );
  const maildir = join(folder, "mail", "Maildir");
  for (const sub of ["cur", "new", "tmp"]) await Deno.mkdir(join(maildir, sub), { recursive: true });
  await run("chown", ["-R", `${MAIL_UID}:${MAIL_UID}`, join(folder, "mail")]);
  const configuration = join(folder, "dovecot.conf");
  await Deno.writeTextFile(configuration, configurationText(folder, { imap, imaps, pop3, pop3s }));
  await run("dovecot", ["-c", configuration]);
  for (const port of [imap, imaps, pop3, pop3s]) await answers(port);
  let seeded = 0;
  return {
    ports: { imap, imaps, pop3, pop3s },
    caFile,
    account,
    password,
    async seed(mails) {
      for (const mail of mails) {
        // The delivery time in the name is what Dovecot orders by.
        const name = `${1_600_000_000 + seeded}.M${seeded++}.test,S=${mail.length},W=${mail.length}:2,`;
        const path = join(maildir, "cur", name);
        await Deno.writeFile(path, mail);
        await Deno.chown(path, MAIL_UID, MAIL_UID);
      }
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
auth_failure_delay = 0
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:~/Maildir
mail_fsync = never
mail_max_userip_connections = 100
passdb {
  driver = passwd-file
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

function isInstalled(): boolean {
  try {
    return new Deno.Command("dovecot", { args: ["--version"], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
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
