/** The mail sources against a real Dovecot: the suite of sources, what `after` does, renumbering, push. */
import assert from "node:assert/strict";
import * as v from "valibot";
import { SourceError } from "../src/errors.ts";
import { imap } from "../src/sources/imap.ts";
import { pop3 } from "../src/sources/pop3.ts";
import type { Protocol, Source } from "../src/sources/source.ts";
import { numberedMails } from "./fixtures/numbered_mails.ts";
import { testContext } from "./servers/context.ts";
import { type Dovecot, startDovecot, whyNoDovecot } from "./servers/dovecot.ts";
import { startTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";
import { testSource } from "./suites/source.ts";

const reason = whyNoDovecot();
const skipped = reason === undefined ? "" : ` (skipped: ${reason})`;

// One for all that leave it as it is: each takes an account of its own.
const shared = reason === undefined ? await startDovecot({ accounts: 40 }) : undefined;
if (shared !== undefined) Deno.test.afterAll(async () => await shared[Symbol.asyncDispose]());
let taken = 0;

function newAccount(): Dovecot {
  const account = shared?.accounts[taken++];
  if (shared === undefined || account === undefined) throw new RangeError("More accounts are needed");
  return {
    ...shared,
    account,
    seed: (mails, into) => shared.seed(mails, { account, ...into }),
    files: (into) => shared.files({ account, ...into }),
  };
}

function listen(protocol: "imap" | "pop3", { ports, caFile, account, password }: Dovecot) {
  const port = protocol === "imap" ? ports.imaps : ports.pop3s;
  return { protocol, server: "localhost", port, ca_file: caFile, account, password };
}

if (reason === undefined) {
  for (const [name, protocol] of Object.entries({ imap, pop3 } as Record<"imap" | "pop3", Protocol>)) {
    testSource(`${name} on Dovecot`, {
      protocol,
      async start(seeds) {
        const dovecot = newAccount();
        await dovecot.seed(seeds.map(({ bytes }) => bytes));
        return {
          options: { ...listen(name as "imap", dovecot), after: "delete" },
          context: testContext(),
          // Dovecot itself marks as seen what was fetched by POP3.
          remaining: async () =>
            (await dovecot.files()).map((file) => name === "pop3" ? file.replace(/:2,.*/, "") : file),
          cleanup: () => Promise.resolve(),
        };
      },
    });
  }
}

async function open(dovecot: Dovecot, protocol: "imap" | "pop3", more: object): Promise<Source> {
  const { options, open } = ({ imap, pop3 } as Record<string, Protocol>)[protocol] as Protocol;
  return await open(v.parse(options, { ...listen(protocol, dovecot), ...more }), testContext());
}

Deno.test({
  name: `after on Dovecot: keep, seen, flag, keyword, move, delete; by POP3 keep and delete${skipped}`,
  ignore: reason !== undefined,
  async fn(t) {
    const cases: ["imap" | "pop3", unknown, (files: readonly string[], moved: readonly string[]) => void][] =
      [
        [
          "imap",
          "keep",
          (files) => assert.ok(files.length === 3 && files.every((name) => name.endsWith(":2,"))),
        ],
        ["imap", "seen", (files) => assert.deepEqual(flags(files), ["", "S", ""])],
        ["imap", "flag", (files) => assert.deepEqual(flags(files), ["", "F", ""])],
        ["imap", { flag: "$Lanceur" }, (files) => assert.deepEqual(flags(files), ["", "a", ""])],
        ["imap", "delete", (files) => assert.equal(files.length, 2)],
        [
          "imap",
          { move: "Traités" },
          (files, moved) => assert.deepEqual([files.length, moved.length], [2, 1]),
        ],
        ["pop3", "keep", (files) => assert.equal(files.length, 3)],
        ["pop3", "delete", (files) => assert.equal(files.length, 2)],
        ["pop3", { delete_after_days: 30 }, (files) => assert.equal(files.length, 3)],
      ];
    for (const [protocol, after, check] of cases) {
      await t.step(`${protocol}, ${JSON.stringify(after)}`, async () => {
        const dovecot = newAccount();
        // What a test on one day calls recent is not recent for ever.
        const now = new TextEncoder().encode(`Received: from x; ${new Date().toUTCString()}\r\n`);
        await dovecot.seed([...numberedMails(3)].map(({ raw }) => joined(now, raw)));
        {
          await using source = await open(dovecot, protocol, { after });
          const [, second] = await Array.fromAsync(source.items());
          await second?.settle({ kind: "delivered" });
          await source.commit();
        }
        const moved = await dovecot.files({ folder: ".Trait&AOk-s" }).catch(() => []);
        check(await dovecot.files(), moved);
      });
    }
  },
});

function joined(...pieces: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(pieces.flatMap((piece) => [...piece]));
}

function flags(files: readonly string[]): string[] {
  return files.map((name) => name.split(":2,")[1] ?? "?");
}

Deno.test({
  name: `several mailboxes, and the missing one named with those that exist, on Dovecot${skipped}`,
  ignore: reason !== undefined,
  async fn() {
    const dovecot = newAccount();
    const [first, second] = [...numberedMails(2)].map(({ raw }) => raw);
    assert.ok(first && second);
    await dovecot.seed([first]);
    await dovecot.seed([second], { folder: ".Compta.Re&AOc-ues" });
    await using source = await open(dovecot, "imap", { mailboxes: ["INBOX", "Compta.Reçues"] });
    const labels = (await Array.fromAsync(source.items())).map(({ label }) => label);
    assert.deepEqual(labels, ["INBOX UID 1", "Compta.Reçues UID 1"]);
    await assert.rejects(open(dovecot, "imap", { mailbox: "Compta" }), (error: Error) => {
      assert.match(error.message, /^Cannot open the mailbox "Compta" of ".*": it does not exist; there are /);
      assert.ok(error.message.includes('"INBOX"') && error.message.includes('"Compta.Reçues"'));
      return true;
    });
  },
});

Deno.test({
  name: `an access token signs in to Dovecot, and one that has expired is refused in words${skipped}`,
  ignore: reason !== undefined,
  async fn(t) {
    for (const protocol of ["imap", "pop3"] as const) {
      await t.step(protocol, async () => {
        const dovecot = newAccount();
        await dovecot.seed([...numberedMails(2)].map(({ raw }) => raw));
        await using folder = await TempFolder.make();
        const { password: _, ...rest } = listen(protocol, dovecot);
        const { options, open } = ({ imap, pop3 } as Record<string, Protocol>)[protocol] as Protocol;
        const signIn = async (seconds: number) => {
          await folder.write("token", await dovecot.token(dovecot.account, seconds));
          const token = { command: ["/bin/cat", folder.at("token")] };
          return await open(v.parse(options, { ...rest, auth: "xoauth2", token }), testContext());
        };
        {
          await using source = await signIn(600);
          assert.equal((await Array.fromAsync(source.items())).length, 2);
        }
        await assert.rejects(signIn(-5), (error) => {
          assert.ok(error instanceof SourceError && error.fault === "credentials", String(error));
          assert.match(error.message, /the access token was refused: .*renew the token/);
          return true;
        });
      });
    }
  },
});

/** A gateway on a Dovecot, stopped in the end. */
async function withGateway(
  lines: string,
  use: (
    gateway: { dovecot: Dovecot; folder: TempFolder; polled(times: number): Promise<void> },
  ) => Promise<void>,
): Promise<void> {
  await using dovecot = await startDovecot();
  await using folder = await TempFolder.make();
  const { ports, caFile, account, password } = dovecot;
  await Deno.chmod(await folder.write("secret", password), 0o600);
  await folder.write(
    "launchers.d/gateway.toml",
    '[status]\nlisten = "127.0.0.1:0"\n[log]\nlevel = "debug"\n',
  );
  await folder.write(
    "launchers.d/courrier.toml",
    `${lines}\n[listen]\nprotocol = "imap"\nserver = "localhost"\nport = ${ports.imaps}\nca_file = "${caFile}"\n` +
      `account = "${account}"\npassword = { file = "secret" }\n[deliver]\ncold = "courrier"\n`,
  );
  await using gateway = startTask("start", [], { cwd: folder.path });
  const polled = async (times: number) => {
    while ([...gateway.log.matchAll(/ polled /g)].length < times) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  await use({ dovecot, folder, polled });
  gateway.kill("SIGTERM");
  assert.equal((await gateway.ended).code, 0);
}

Deno.test({
  name: `push on Dovecot: mails are delivered as they arrive, over one connection${skipped}`,
  ignore: reason !== undefined,
  async fn() {
    await withGateway('schedule = "push"', async ({ dovecot, folder, polled }) => {
      await polled(2);
      let count = 0;
      for (const { raw, name } of numberedMails(3)) {
        await dovecot.deliver(raw);
        while ((await folder.list("var/cold/courrier").catch(() => [])).length === count) {
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        count++;
        assert.ok((await folder.list("var/cold/courrier")).includes(name));
      }
      // One that watches, and perhaps one to look the first time: no other sign-in for all that came.
      assert.ok(await dovecot.signIns() <= 2, `${await dovecot.signIns()} sign-ins`);
    });
  },
});

Deno.test({
  name: `a Dovecot mailbox that is numbered anew delivers nothing twice${skipped}`,
  ignore: reason !== undefined,
  async fn() {
    await withGateway('schedule = "@every 1s"', async ({ dovecot, folder, polled }) => {
      const [first, second, third] = [...numberedMails(3)].map(({ raw }) => raw);
      assert.ok(first && second && third);
      await polled(1);
      await dovecot.deliver(first);
      await dovecot.deliver(second);
      while ((await folder.list("var/cold/courrier").catch(() => [])).length < 2) await polled(1);
      await dovecot.renumber();
      await dovecot.deliver(third);
      while ((await folder.list("var/cold/courrier")).length < 3) await polled(1);
      await polled(4);
      assert.equal((await folder.list("var/cold/courrier")).length, 3);
    });
  },
});
