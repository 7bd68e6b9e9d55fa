/** The whole gateway against a real Dovecot: each way to a mailbox, byte for byte, and nothing a second time. */
import assert from "node:assert/strict";
import { basename } from "node:path";
import { numberedMails } from "./fixtures/numbered_mails.ts";
import { type Dovecot, startDovecot, whyNoDovecot } from "./servers/dovecot.ts";
import { TempFolder } from "./servers/temp_folder.ts";

const MAIL_COUNT = 2000;
const PERMISSIONS = [
  "--quiet",
  "--no-prompt",
  "--allow-read",
  "--allow-write",
  "--allow-net",
  "--allow-env",
  "--allow-sys=hostname,osRelease",
  `--allow-run=${Deno.execPath()}`,
];

interface Report {
  readonly delivered: number;
  readonly known: number;
  readonly items: readonly { readonly outcome: string; readonly documents: readonly string[] }[];
}

async function lanceur(
  folder: TempFolder,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const main = new URL("../src/main.ts", import.meta.url).pathname;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", ...PERMISSIONS, main, ...args],
    cwd: folder.path,
  });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** One launcher for each way to the mailbox. */
function listenTables({ ports, caFile }: Dovecot): Record<string, string> {
  const direct = (port: number) => `server = "localhost"\nport = ${port}\nca_file = "${caFile}"`;
  return {
    "pop3-tunnel": 'protocol = "pop3"\ntunnel = "dovecot-pop3"',
    "pop3-tunnel-stls": 'protocol = "pop3"\ntunnel = "dovecot-stls"',
    "pop3s": `protocol = "pop3"\n${direct(ports.pop3s)}`,
    "pop3-starttls": `protocol = "pop3"\ntls = "starttls"\n${direct(ports.pop3)}`,
    "imap-tunnel": 'protocol = "imap"\ntunnel = "dovecot-imap"',
    "imaps": `protocol = "imap"\n${direct(ports.imaps)}`,
    "imap-starttls": `protocol = "imap"\ntls = "starttls"\n${direct(ports.imap)}`,
  };
}

async function writeConfiguration(folder: TempFolder, dovecot: Dovecot): Promise<string[]> {
  const { ports, caFile, account, password } = dovecot;
  const service = (name: string, port: number, more = "") =>
    `[${name}]\nclient = yes\naccept = 127.0.0.1:0\nconnect = localhost:${port}\nCAfile = ${caFile}\n${more}`;
  await folder.write(
    "launchers.d/dovecot.conf",
    service("dovecot-pop3", ports.pop3s) + service("dovecot-imap", ports.imaps) +
      service("dovecot-stls", ports.pop3, "protocol = pop3\n"),
  );
  const secret = await folder.write("secret", password);
  await Deno.chmod(secret, 0o600);
  const tables = listenTables(dovecot);
  for (const [name, listen] of Object.entries(tables)) {
    await folder.write(
      `launchers.d/${name}.toml`,
      `[listen]\n${listen}\naccount = "${account}"\npassword = { file = "secret" }\n[deliver]\ncold = "${name}"\n`,
    );
  }
  return Object.keys(tables);
}

const reason = whyNoDovecot();

Deno.test({
  name: `each way to a Dovecot mailbox delivers every document once${
    reason === undefined ? "" : ` (skipped: ${reason})`
  }`,
  ignore: reason !== undefined,
  async fn(t) {
    await using dovecot = await startDovecot();
    await using folder = await TempFolder.make();
    const mails = [...numberedMails(MAIL_COUNT)];
    await dovecot.seed(mails.map(({ raw }) => raw));
    const expected = new Map(mails.map(({ name, content }) => [name, content]));
    const names = await writeConfiguration(folder, dovecot);

    await t.step("check --connect signs in everywhere and counts what waits", async () => {
      const { code, stdout } = await lanceur(folder, "check", "--connect", "--json");
      const { connections } = JSON.parse(stdout) as {
        connections: { ok: boolean; waiting?: number; kind: string }[];
      };
      assert.deepEqual(connections.filter(({ ok }) => !ok), []);
      const waiting = connections.filter(({ kind }) => kind === "launcher").map((connection) =>
        connection.waiting
      );
      assert.deepEqual(waiting, names.map(() => MAIL_COUNT));
      assert.equal(code, 0);
    });

    for (const name of names) {
      await t.step(name, async () => {
        const first = await lanceur(folder, "run", name, "--json");
        assert.equal(first.code, 0, first.stderr);
        const report = JSON.parse(first.stdout) as Report;
        assert.equal(report.delivered, MAIL_COUNT);
        const documents = report.items.flatMap((item) => item.documents);
        assert.equal(new Set(documents).size, MAIL_COUNT);
        for (const path of documents) {
          assert.deepEqual(await Deno.readFile(path), expected.get(basename(path)), path);
        }
        const second = JSON.parse((await lanceur(folder, "run", name, "--json")).stdout) as Report;
        assert.deepEqual([second.delivered, second.known, second.items.length], [0, MAIL_COUNT, 0]);
        assert.ok(!first.stderr.includes(dovecot.password), "the log holds the password");
      });
    }
  },
});
