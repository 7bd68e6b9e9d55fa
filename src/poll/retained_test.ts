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

interface Project extends LauncherProject {
  readonly mailbox: Mailbox;
  readonly server: Pop3Server;
}

/** A launcher on a POP3 server with three mails, which no longer lists what was fetched. */
async function withProject(script: Pop3Script, use: (project: Project) => Promise<void>): Promise<void> {
  const mailbox = new Mailbox();
  for (const n of [1, 2, 3]) mailbox.add(mail(n));
  await using server = await startPop3Server({
    mailbox,
    users: { [ACCOUNT]: PASSWORD },
    script: { hidesFetched: true, ...script },
  });
  const lines = `retries = 1\n${listenLines("pop3", server.port)}`;
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

Deno.test("a mail that its server only gives out cut is never delivered, and does not hold back the others", async () => {
  await withProject({ ...cutting(99), hidesFetched: false }, async ({ folder, launcher, stores }) => {
    for (let poll = 0; poll < 4; poll++) {
      const report = await launcher.poll({ byHand: true });
      assert.deepEqual([report.delivered, report.failed], [poll === 0 ? 2 : 0, 1]);
    }
    assert.deepEqual(stores.retained.list(), []);
    assert.deepEqual(await folder.list("var/cold/courrier"), ["n1.pdf", "n3.pdf"]);
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
