import assert from "node:assert/strict";
import { Mailbox } from "../../test/servers/mailbox.ts";
import { type Pop3Script, type Pop3Server, startPop3Server } from "../../test/servers/pop3_server.ts";
import { stuffed, TERMINATOR } from "../../test/servers/pop3_text.ts";
import {
  ACCOUNT,
  type LauncherProject,
  listenLines,
  PASSWORD,
  withLauncher,
} from "../../test/servers/launcher_project.ts";
import { TempFolder } from "../../test/servers/temp_folder.ts";
import { DeliveryError } from "../errors.ts";
import { Quarantine } from "../quarantine.ts";
import { Retained } from "./retained.ts";

interface Project extends LauncherProject {
  readonly mailbox: Mailbox;
  readonly server: Pop3Server;
}

/** A launcher on a POP3 server with three mails, which no longer lists what was fetched. */
async function withProject(
  { after = "keep", ...script }: Pop3Script & { readonly after?: string },
  use: (project: Project) => Promise<void>,
): Promise<void> {
  const mailbox = new Mailbox();
  for (const n of [1, 2, 3]) mailbox.add(mail(n));
  await using server = await startPop3Server({
    mailbox,
    users: { [ACCOUNT]: PASSWORD },
    script: { hidesFetched: true, ...script },
  });
  const lines = `retries = 1\n${listenLines("pop3", server.port, `after = "${after}"`)}`;
  await withLauncher(lines, (project) => use({ ...project, mailbox, server }));
}

function mail(number: number): string {
  return `Message-ID: <m${number}@exemple.test>\r\nSubject: mail ${number}\r\nContent-Type: application/pdf\r\n` +
    `Content-Disposition: attachment; filename="n${number}.pdf"\r\n\r\n%PDF-1.7 ${number}\r\n`;
}

/** Gives the first `times` answers for the second mail cut short. */
function cutting(times: number): Pop3Script {
  let left = times;
  return {
    body: async function* ({ raw }) {
      const isCut = new TextDecoder().decode(raw).includes("<m2@") && left-- > 0;
      await Promise.resolve();
      yield stuffed(isCut ? raw.subarray(0, raw.length - 20) : raw);
      yield new Uint8Array(TERMINATOR);
    },
  };
}

Deno.test("a mail that fails by itself is stored before QUIT, and delivered from there when the server has it no more", async () => {
  // Cut when it is fetched ahead, whole when it is fetched for the store.
  await withProject(cutting(1), async ({ folder, mailbox, launcher, stores, server }) => {
    const first = await launcher.poll();
    assert.deepEqual([first.delivered, first.failed], [2, 1]);
    assert.equal(mailbox.mails.length, 0, "the server still lists what was fetched");
    const [entry, ...others] = stores.retained.list();
    assert.ok(entry !== undefined && others.length === 0);
    assert.equal(await Deno.readTextFile(folder.at(`var/retained/${entry.id}/mail.eml`)), mail(2));

    const fetched = server.commands.filter((line) => line.startsWith("RETR")).length;
    const second = await launcher.poll({ byHand: true });
    assert.deepEqual([second.delivered, second.failed], [1, 0]);
    assert.equal(server.commands.filter((line) => line.startsWith("RETR")).length, fetched);
    assert.deepEqual(await folder.list("var/cold/courrier"), ["n1.pdf", "n2.pdf", "n3.pdf"]);
    assert.deepEqual(await folder.list("var/retained"), []);
    assert.deepEqual((await launcher.poll({ byHand: true })).items, []);
  });
});

Deno.test("a mail that is stored and still listed is taken once, and settled on the server", async () => {
  await withProject({ ...cutting(1), hidesFetched: false }, async ({ folder, launcher, mailbox }) => {
    assert.equal((await launcher.poll()).failed, 1);
    assert.equal((await launcher.poll()).known, 3, "tried again before its time");
    assert.equal((await launcher.poll({ byHand: true })).delivered, 1);
    assert.equal(mailbox.mails.length, 3);
    assert.deepEqual(await folder.list("var/cold/courrier"), ["n1.pdf", "n2.pdf", "n3.pdf"]);
    assert.equal((await launcher.poll({ byHand: true })).known, 3);
  });
});

Deno.test("a mail that its server only gives out cut ends in quarantine as far as it came, and stays with the server", async () => {
  const script = { ...cutting(4), hidesFetched: false, after: "delete" };
  await withProject(script, async ({ folder, launcher, mailbox, server, stores }) => {
    const first = await launcher.poll();
    assert.deepEqual([first.delivered, first.failed], [2, 1]);
    assert.deepEqual(stores.retained.list(), []);
    const second = await launcher.poll({ byHand: true });
    assert.deepEqual([second.quarantined, second.failed], [1, 0]);
    const [entry] = stores.quarantine.list();
    assert.ok(entry?.isCut);
    assert.match(
      entry.reason,
      /ended after \d+ of the \d+ octets announced; no more than \d+ octets could be had of it, and it is left where it is/,
    );
    assert.equal(
      await Deno.readTextFile(folder.at(`var/quarantine/${entry.id}/mail.eml`)),
      mail(2).slice(0, -20) + "\r\n",
    );
    const fetched = () => server.commands.filter((line) => line.startsWith("RETR")).length;
    const before = fetched();
    assert.equal((await launcher.poll({ byHand: true })).known, 1);
    assert.deepEqual([fetched(), mailbox.mails.length], [before, 1]);
    assert.deepEqual(await folder.list("var/cold/courrier"), ["n1.pdf", "n3.pdf"]);

    // What is kept is half a document: trying again means asking the server, which has mended itself by now.
    assert.equal((await launcher.retry(entry)).delivered, 1);
    assert.deepEqual(await folder.list("var/cold/courrier"), ["n1.pdf", "n2.pdf", "n3.pdf"]);
    assert.deepEqual([stores.quarantine.list(), mailbox.mails.length], [[], 0]);
    await assert.rejects(launcher.retry(entry), /its original is not in .* any more/);
  });
});

Deno.test("a store that holds as much as it may ends the poll: the mail must not be forgotten", async () => {
  await using folder = await TempFolder.make();
  const store = await Quarantine.open(folder.at("retained"), () => 10);
  const retained = new Retained(store, { launcher: "courrier", scope: "courrier" });
  const item = {
    kind: "mail",
    key: "k",
    label: "UIDL 1",
    sizeBytes: 11,
    open: () => Promise.resolve(ReadableStream.from([new Uint8Array(11)])),
    settle: () => Promise.resolve(true),
  } as const;
  await assert.rejects(retained.keep(item, { reason: "it failed" }), (error) => {
    assert.ok(error instanceof DeliveryError);
    assert.match(error.message, /Cannot keep "UIDL 1" .*max_size of \[quarantine\]/);
    return true;
  });
});

Deno.test(
  "when a mail cannot be stored, the session ends without QUIT and everything stays with the server",
  {
    ignore: Deno.build.os === "windows",
  },
  async () => {
    await withProject(cutting(1), async ({ folder, launcher, mailbox, server }) => {
      // Something else stands where the store was: as good as a full disk.
      await Deno.remove(folder.at("var/retained"));
      await folder.write("var/retained", "");
      await assert.rejects(launcher.poll(), { name: "DeliveryError" });
      assert.ok(!server.commands.includes("QUIT"));
      assert.equal(mailbox.mails.length, 3);
      await Deno.remove(folder.at("var/retained"));
      await Deno.mkdir(folder.at("var/retained"));
      await launcher.poll({ byHand: true });
      assert.deepEqual(await folder.list("var/cold/courrier"), ["n1.pdf", "n2.pdf", "n3.pdf"]);
    });
  },
);
