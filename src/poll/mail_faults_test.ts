/** What a mail launcher promises whatever goes wrong on the way: nothing lost, nothing twice, nothing settled too early. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type ImapFault, type ImapServer, startImapServer } from "../../test/servers/imap_server.ts";
import {
  ACCOUNT,
  type LauncherProject,
  listenLines,
  PASSWORD,
  withLauncher,
} from "../../test/servers/launcher_project.ts";
import { Mailbox } from "../../test/servers/mailbox.ts";
import { type Pop3Script, type Pop3Server, startPop3Server } from "../../test/servers/pop3_server.ts";

const MAILS = 5;
const USERS = { [ACCOUNT]: PASSWORD };
/** One that is larger than what is fetched ahead. */
const LARGE = "x".repeat(76).concat("\r\n").repeat(5000);

function mail(number: number): string {
  const body = number === 3 ? LARGE : `texte ${number}\r\n`;
  return `Message-ID: <m${number}@exemple.test>\r\nSubject: mail ${number}\r\nContent-Type: application/pdf\r\n` +
    `Content-Disposition: attachment; filename="n${number}.pdf"\r\n\r\n%PDF-1.7 ${number}\r\n${body}`;
}

function filled(): Mailbox {
  const mailbox = new Mailbox();
  for (let n = 1; n <= MAILS; n++) mailbox.add(mail(n));
  return mailbox;
}

async function delivered({ folder }: LauncherProject): Promise<string[]> {
  return await folder.list("var/cold/courrier").catch(() => []);
}

/** Polls until one goes well, then once more: everything arrived once, and every original is gone. */
async function arrivesOnce(project: LauncherProject, mailbox: Mailbox): Promise<void> {
  for (let attempt = 0;; attempt++) {
    try {
      await project.launcher.poll({ byHand: true });
      break;
    } catch (error) {
      if (attempt === 20) throw error;
    }
  }
  await project.launcher.poll({ byHand: true });
  const names = Array.from({ length: MAILS }, (_, n) => `n${n + 1}.pdf`);
  assert.deepEqual(await delivered(project), names);
  for (const [n, name] of names.entries()) {
    const text = await Deno.readTextFile(project.folder.at(`var/cold/courrier/${name}`));
    assert.equal(text, mail(n + 1).split("\r\n\r\n").slice(1).join("\r\n\r\n"));
  }
  assert.deepEqual(mailbox.mails.map(({ uid }) => uid), []);
}

async function withPop3(
  script: Pop3Script,
  use: (project: LauncherProject, mailbox: Mailbox, server: Pop3Server) => Promise<void>,
): Promise<void> {
  const mailbox = filled();
  await using server = await startPop3Server({ mailbox, users: USERS, script });
  const lines = listenLines("pop3", server.port, 'after = "delete"');
  await withLauncher(lines, (project) => use(project, mailbox, server));
}

async function withImap(
  after: string,
  use: (project: LauncherProject, mailbox: Mailbox, server: ImapServer) => Promise<void>,
): Promise<void> {
  const mailbox = filled();
  await using server = await startImapServer({ mailboxes: [mailbox], users: USERS });
  const lines = listenLines("imap", server.port, `after = ${after}`);
  await withLauncher(lines, (project) => use(project, mailbox, server));
}

Deno.test("a POP3 session that breaks at any command loses nothing and doubles nothing", async (t) => {
  const commands = ["USER", "PASS", "CAPA", "LIST", "UIDL", "RETR", "DELE", "QUIT"];
  for (const how of ["reset", "close"] as const) {
    for (const command of commands) {
      await t.step(`${how} at ${command}`, async () => {
        let left = 1;
        const react = (name: string) => name === command && left-- > 0 ? how : undefined;
        await withPop3({ react }, arrivesOnce);
      });
    }
  }
});

Deno.test("an IMAP connection that breaks at any command loses nothing and doubles nothing", async (t) => {
  const faults: ImapFault[] = ["cut", { bye: "restarting" }];
  for (
    const command of ["AUTHENTICATE", "LIST", "SELECT", "UID SEARCH", "UID FETCH", "UID STORE", "UID EXPUNGE"]
  ) {
    for (const fault of faults) {
      await t.step(`${JSON.stringify(fault)} at ${command}`, async () => {
        await withImap('"delete"', async (project, mailbox, server) => {
          let left = 1;
          server.faults.at = (name) => name === command && left-- > 0 ? fault : undefined;
          await arrivesOnce(project, mailbox);
          assert.ok(left < 1, "the command was never given");
        });
      });
    }
  }
});

Deno.test("connections cut after any number of octets lose nothing and double nothing", async () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 500_000 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(cuts, fc.constantFrom('"delete"', '{ move = "Traités" }'), async (sizes, after) => {
      await withImap(after, async (project, mailbox, server) => {
        for (const size of sizes) {
          server.faults.cutAfterBytes = server.sentBytes + size;
          await project.launcher.poll({ byHand: true }).catch(() => {});
        }
        delete server.faults.cutAfterBytes;
        await arrivesOnce(project, mailbox);
        const moved = server.mailboxes.find(({ name }) => name === "Traités");
        assert.ok(after === '"delete"' || moved?.mails.length === MAILS);
      });
    }),
    { numRuns: 15 },
  );
});

Deno.test("POP3: at DELE the document is delivered and recorded, and QUIT comes last of all", async () => {
  const order: string[] = [];
  let project: LauncherProject | undefined;
  const react = (command: string, argument: string) => {
    if (command !== "DELE" && command !== "QUIT") return undefined;
    const { folder, stores } = project ?? assert.fail();
    order.push(command);
    if (command === "QUIT") return undefined;
    Deno.statSync(folder.at(`var/cold/courrier/n${argument}.pdf`));
    const recorded = stores.ledger.recent("courrier", 10).map(({ outcome, label }) => `${label} ${outcome}`);
    assert.ok(recorded.includes(`UIDL 1.${argument} delivered`), recorded.join());
    return undefined;
  };
  await withPop3({ react }, async (given, mailbox) => {
    project = given;
    await arrivesOnce(given, mailbox);
  });
  assert.deepEqual(order.slice(0, MAILS + 1), [...Array.from({ length: MAILS }, () => "DELE"), "QUIT"]);
});

Deno.test("when nothing can be delivered, nothing is settled; all of it arrives once it can", {
  ignore: Deno.build.os === "windows",
}, async (t) => {
  const hinder = async ({ folder }: LauncherProject) => {
    await Deno.mkdir(folder.at("var/cold"), { recursive: true });
    // Something else stands where the COLD directory is to be: as good as a share that is full.
    await folder.write("var/cold/courrier", "");
  };
  const mend = ({ folder }: LauncherProject) => Deno.remove(folder.at("var/cold/courrier"));
  await t.step("pop3", async () => {
    await withPop3({}, async (project, mailbox, server) => {
      await hinder(project);
      await assert.rejects(project.launcher.poll(), { name: "DeliveryError" });
      assert.deepEqual(server.commands.filter((line) => /^(DELE|QUIT)/.test(line)), []);
      await mend(project);
      await arrivesOnce(project, mailbox);
    });
  });
  for (const after of ['"delete"', '"seen"', '{ move = "Traités" }']) {
    await t.step(`imap, ${after}`, async () => {
      await withImap(after, async (project, mailbox) => {
        await hinder(project);
        await assert.rejects(project.launcher.poll(), { name: "DeliveryError" });
        assert.equal(mailbox.mails.filter(({ flags }) => flags.size === 0).length, MAILS);
        await mend(project);
        const { delivered: count } = await project.launcher.poll();
        assert.equal(count, MAILS);
        assert.equal(mailbox.mails.filter(({ flags }) => flags.size === 0).length, 0);
      });
    });
  }
});

Deno.test("only what was delivered is settled: what a filter leaves stays as it is", async (t) => {
  const filter = '[filter]\ninclude = ["n2.pdf", "n4.pdf"]';
  for (const after of ['"delete"', '"seen"', '"flag"', '{ move = "Traités" }']) {
    await t.step(`imap, ${after}`, async () => {
      const mailbox = filled();
      await using server = await startImapServer({ mailboxes: [mailbox], users: USERS });
      const lines = `${listenLines("imap", server.port, `after = ${after}`)}${filter}`;
      await withLauncher(lines, async ({ launcher }) => {
        const { delivered, skipped } = await launcher.poll();
        assert.deepEqual([delivered, skipped], [2, 3]);
      });
      const untouched = mailbox.mails.filter(({ flags }) => flags.size === 0).map(({ uid }) => uid);
      assert.deepEqual(untouched, [1, 3, 5]);
    });
  }
  await t.step("pop3", async () => {
    const mailbox = filled();
    await using server = await startPop3Server({ mailbox, users: USERS });
    const lines = `${listenLines("pop3", server.port, 'after = "delete"')}${filter}`;
    await withLauncher(lines, async ({ launcher }) => void await launcher.poll());
    assert.deepEqual(mailbox.mails.map(({ uid }) => uid), [1, 3, 5]);
  });
});

Deno.test("a ledger that fails ends the POP3 session without QUIT", async () => {
  await withPop3({}, async (project, mailbox, server) => {
    const { stores: { ledger }, launcher } = project;
    server.received("RETR 1").then(() => ledger[Symbol.dispose]());
    await assert.rejects(launcher.poll());
    assert.deepEqual(server.commands.filter((line) => /^(DELE|QUIT)/.test(line)), []);
    assert.equal(mailbox.mails.length, MAILS);
  });
});

Deno.test("one mail in several mailboxes of an account, as Gmail's labels have it, is delivered once", async () => {
  const [inbox, label] = [filled(), new Mailbox("Factures")];
  for (const { raw } of inbox.mails) label.add(raw);
  await using server = await startImapServer({ mailboxes: [inbox, label], users: USERS });
  const lines = listenLines("imap", server.port, 'mailboxes = ["INBOX", "Factures"]\nafter = "seen"');
  await withLauncher(lines, async (project) => {
    await project.launcher.poll();
    await project.launcher.poll();
    assert.equal((await delivered(project)).length, MAILS);
    for (const { mails } of [inbox, label]) {
      assert.ok(mails.every(({ flags }) => flags.has("\\Seen")), "one of the two was not settled");
    }
  });
});

Deno.test("a stop while a mail goes into quarantine leaves it as it was", async () => {
  const mailbox = new Mailbox();
  mailbox.add(
    "Message-ID: <m1@exemple.test>\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: x-unknown\r\n" +
      'Content-Disposition: attachment; filename="n1.pdf"\r\n\r\n%PDF-1.7\r\n',
  );
  let fetched = 0;
  const project: { stop?: () => void } = {};
  const react = (command: string) => {
    // Once to be taken apart, once to be stored.
    if (command === "RETR" && ++fetched === 2) project.stop?.();
    return undefined;
  };
  await using server = await startPop3Server({ mailbox, users: USERS, script: { react } });
  const lines = listenLines("pop3", server.port, 'after = "delete"');
  await withLauncher(lines, async ({ launcher, stores }) => {
    project.stop = () => launcher.abort();
    await launcher.poll();
    assert.equal(fetched, 2);
    assert.deepEqual([stores.ledger.recent("courrier", 10), stores.quarantine.list()], [[], []]);
    assert.equal(mailbox.mails.length, 1);
  });
});

Deno.test("a poll that is asked of a stopped launcher touches nothing: another one may have taken its place", async () => {
  await withLauncher(listenLines("pop3", 1), async ({ folder, launcher, stores: { ledger } }) => {
    const [staged, target] = [folder.at("var/cold/.lanceur/x"), folder.at("var/cold/courrier/x.pdf")];
    ledger.pend("courrier", [{ key: "x", label: "x", documents: [{ staged, target, sizeBytes: 1 }] }]);
    launcher.abort();
    await assert.rejects(launcher.poll({ byHand: true }), { name: "AbortError" });
    assert.equal(ledger.pending().length, 1);
  });
});

Deno.test("IMAP mails that are never as long as announced end in quarantine, stay in their mailbox, and can be retried", async () => {
  await withImap('"delete"', async (project, mailbox, server) => {
    const { folder, launcher, stores: { quarantine } } = project;
    server.faults.announcedBytes = ({ raw }) => raw.length + 1;
    const counts: number[] = [];
    for (let poll = 0; poll < 7; poll++) counts.push((await launcher.poll({ byHand: true })).quarantined);
    assert.deepEqual(counts, [0, 0, 0, 0, 0, MAILS, 0]);
    const entries = quarantine.list();
    assert.ok(entries.every(({ isCut }) => isCut));
    const kept = entries.map(({ id }) => Deno.readTextFileSync(folder.at(`var/quarantine/${id}/mail.eml`)));
    assert.deepEqual(kept.sort(), mailbox.mails.map(({ raw }) => new TextDecoder().decode(raw)).sort());
    assert.equal(mailbox.mails.length, MAILS);
    assert.deepEqual(await delivered(project), []);
    delete server.faults.announcedBytes;
    for (const entry of entries) assert.equal((await launcher.retry(entry)).delivered, 1);
    await arrivesOnce(project, mailbox);
    assert.deepEqual(quarantine.list(), []);
  });
});
