/** Access tokens from a program: the whole gateway, with the rights of its tasks, against servers that ask for one. */
import assert from "node:assert/strict";
import { startImapServer } from "./servers/imap_server.ts";
import { Mailbox } from "./servers/mailbox.ts";
import { startPop3Server } from "./servers/pop3_server.ts";
import { runTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";

const ACCOUNT = "ged@exemple.fr";
const MAIL = "Message-ID: <1@exemple.fr>\r\nSubject: n1\r\nContent-Type: application/pdf\r\n" +
  'Content-Disposition: attachment; filename="facture.pdf"\r\n\r\n%PDF-1.7 texte\r\n';

interface Report {
  readonly delivered: number;
  readonly known: number;
}

async function write(folder: TempFolder, protocol: "imap" | "pop3", port: number): Promise<string> {
  const program = await folder.write("token.sh", `#!/bin/sh\ncat "${folder.at("current")}"\n`);
  await Deno.chmod(program, 0o755);
  await folder.write(
    `launchers.d/${protocol}.toml`,
    `[listen]\nprotocol = "${protocol}"\nserver = "127.0.0.1"\nport = ${port}\ntls = "none"\naccount = "${ACCOUNT}"\n` +
      `auth = "xoauth2"\ntoken = { command = ["${program}"] }\n[deliver]\ncold = "${protocol}"\n`,
  );
  return program;
}

for (const protocol of ["imap", "pop3"] as const) {
  Deno.test({
    name: `a program gives the access token at each connection, and only when it may run: ${protocol}`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await using folder = await TempFolder.make();
      const mailbox = new Mailbox();
      mailbox.add(MAIL);
      const tokens: Record<string, string> = { [ACCOUNT]: "first" };
      await using server = protocol === "imap"
        ? await startImapServer({ mailboxes: [mailbox], tokens })
        : await startPop3Server({ mailbox, users: {}, tokens });
      const program = await write(folder, protocol, server.port);
      const run = async (env: Record<string, string>) => {
        const result = await runTask("run", [protocol, "--json"], { cwd: folder.path, env });
        return { ...result, report: JSON.parse(result.stdout || "{}") as Report };
      };

      await folder.write("current", "first\n");
      const refused = await run({});
      assert.equal(refused.code, 78);
      assert.match(refused.stderr, /Cannot run ".*token\.sh" for listen\.token: this process may not/);
      assert.match(refused.stderr, /start the gateway with LANCEUR_RUN set to that path/);
      const env = { LANCEUR_RUN: program };
      assert.equal((await runTask("check", ["--connect"], { cwd: folder.path, env })).code, 0);

      assert.equal((await run(env)).report.delivered, 1);
      tokens[ACCOUNT] = "second";
      const stale = await run(env);
      assert.equal(stale.code, 1);
      assert.match(stale.stderr, /the access token was refused: .*status 40[01]\)?; renew the token/);
      await folder.write("current", "second\n");
      assert.deepEqual([(await run(env)).report.delivered, (await run(env)).report.known], [0, 1]);
      const file = `launchers.d/${protocol}.toml`;
      const text = await Deno.readTextFile(folder.at(file));
      await folder.write(file, text.replace(/"\] \}/, '"], env = ["CLIENT_SECRET"] }'));
      const unset = await runTask("check", [], { cwd: folder.path, env });
      assert.equal(unset.code, 78);
      assert.match(unset.stdout, /Cannot give environment variable CLIENT_SECRET to ".*": it is not set/);
      assert.equal(
        (await runTask("check", [], { cwd: folder.path, env: { ...env, CLIENT_SECRET: "x" } })).code,
        0,
      );
      const texts = [refused, stale].map(({ stderr, stdout }) => stderr + stdout).join("");
      assert.ok(!texts.includes('"first"') && !/Bearer first/.test(texts));
    },
  });
}
