import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { Mailbox } from "../../test/servers/mailbox.ts";
import { ACCOUNT } from "../../test/servers/launcher_project.ts";
import { withProject } from "../../test/servers/mail_project.ts";

function mail(number: number, ...attachments: readonly (readonly [name: string, content: string])[]): string {
  const parts = attachments.map(([name, content]) =>
    `--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="${name}"\r\n\r\n${content}\r\n`
  );
  return `Message-ID: <m${number}@exemple.test>\r\nDate: Mon, 23 Nov 2026 10:00:00 +0100\r\nSubject: mail ${number}\r\nMIME-Version: 1.0\r\n` +
    `Content-Type: multipart/mixed; boundary="b"\r\n\r\n${parts.join("")}--b--\r\n`;
}

/** Three mails: a document, the same again under another name, and the same beside a new one. */
function addDuplicates(inbox: Mailbox): void {
  inbox.add(mail(1, ["facture.pdf", "%PDF one"]));
  inbox.add(mail(2, ["copie.pdf", "%PDF one"]));
  inbox.add(mail(3, ["encore.pdf", "%PDF one"], ["annexe.pdf", "%PDF two"]));
}

Deno.test("duplicates = skip leaves out what another mail brought, in one poll or later, and settles its mail", async () => {
  await withProject({ listen: 'after = "delete"', deliver: 'duplicates = "skip"' }, async (project) => {
    const { folder, inbox, poll } = project;
    addDuplicates(inbox);
    const { items } = await poll();
    assert.deepEqual(await folder.list("var/cold/courrier"), ["annexe.pdf", "facture.pdf"]);
    assert.deepEqual(items.map(({ outcome, documents }) => `${outcome} ${documents.length}`), [
      "delivered 0",
      "delivered 1",
      "delivered 1",
    ]);
    assert.equal(items[0]?.reason, "copie.pdf: the same content was delivered from INBOX UID 1");
    assert.equal(inbox.mails.length, 0);

    inbox.add(mail(4, ["tard.pdf", "%PDF two"]));
    const later = await poll();
    assert.equal(later.items[0]?.reason, "tard.pdf: the same content was delivered from INBOX UID 3");
    assert.deepEqual(await folder.list("var/cold/courrier"), ["annexe.pdf", "facture.pdf"]);
    assert.deepEqual(await folder.list("var/cold/.lanceur"), []);
    assert.equal(inbox.mails.length, 0);
  });
});

Deno.test("duplicates = mark delivers with a mark, duplicates = deliver without", async (t) => {
  const expected = {
    mark: ["annexe.pdf", "copie_doublon.pdf", "encore_doublon.pdf", "facture.pdf"],
    deliver: ["annexe.pdf", "copie.pdf", "encore.pdf", "facture.pdf"],
  };
  for (const [duplicates, names] of Object.entries(expected)) {
    await t.step(duplicates, async () => {
      await withProject({ deliver: `duplicates = "${duplicates}"` }, async ({ folder, inbox, poll }) => {
        addDuplicates(inbox);
        await poll();
        assert.deepEqual(await folder.list("var/cold/courrier"), names);
      });
    });
  }
});

Deno.test("items in one directory are duplicates when all of them are the same", async () => {
  await withProject(
    { deliver: 'group = "directory"\nduplicates = "skip"' },
    async ({ folder, inbox, poll }) => {
      inbox.add(mail(1, ["a.pdf", "%PDF one"], ["b.pdf", "%PDF two"]));
      inbox.add(mail(2, ["a.pdf", "%PDF one"]));
      inbox.add(mail(3, ["b.pdf", "%PDF two"], ["a.pdf", "%PDF one"]));
      await poll();
      assert.deepEqual(await folder.list("var/cold/courrier"), ["2026-11-23 mail 1/", "2026-11-23 mail 2/"]);
      assert.deepEqual(await folder.list("var/cold/.lanceur"), []);
    },
  );
});

/** Makes the ledger believe that everything in it happened a thousand days ago. */
function age({ path }: { path: string }): void {
  using database = new DatabaseSync(path);
  database.exec(
    "UPDATE item SET at = at - 86400000 * 1000, seen_day = seen_day - 1000; UPDATE launcher SET forgot_day = 0",
  );
}

Deno.test("what is still in the mailbox is never forgotten, listed or not; what has left it is, after keep_days", async () => {
  await withProject({ listen: "unseen_only = true" }, async ({ inbox, poll, stores: { ledger } }) => {
    const [listed, read, gone] = [1, 2, 3].map((number) =>
      inbox.add(mail(number, ["a.pdf", `%PDF ${number}`]))
    );
    assert.ok(listed && read && gone);
    await poll();
    const known = () =>
      [
        ...ledger.lookup(
          "courrier",
          inbox.mails.concat(gone).map(({ uid }) => `${ACCOUNT}@127.0.0.1/INBOX/1/${uid}`),
        ).values(),
      ]
        .map(({ label }) => label).sort();
    read.flags.add("\\Seen");
    inbox.remove(gone.uid);
    await poll();
    assert.deepEqual(known(), ["INBOX UID 1", "INBOX UID 2", "INBOX UID 3"]);
    age(ledger);
    await poll();
    assert.deepEqual(known(), ["INBOX UID 1", "INBOX UID 2"]);
    read.flags.clear();
    assert.equal((await poll()).delivered, 0);
  });
});

Deno.test("a mailbox that is numbered anew delivers nothing again, even when the old numbers were forgotten", async () => {
  await withProject({}, async ({ inbox, poll, stores: { ledger } }) => {
    inbox.add(mail(1, ["a.pdf", "%PDF 1"]));
    assert.equal((await poll()).delivered, 1);
    for (const uidValidity of [2, 3, 4]) {
      inbox.uidValidity = uidValidity;
      assert.equal((await poll()).delivered, 0);
      age(ledger);
      await poll();
    }
    assert.equal(ledger.totals("courrier").delivered, 4);
  });
});

Deno.test("a mail that has the number of another one in a mailbox made anew is delivered", async () => {
  await withProject({}, async ({ inbox, poll, folder }) => {
    inbox.add(mail(1, ["a.pdf", "%PDF 1"]));
    assert.equal((await poll()).delivered, 1);
    const [first] = inbox.mails;
    inbox.remake();
    inbox.add(mail(2, ["b.pdf", "%PDF 2"]));
    assert.equal(inbox.mails[0]?.uid, first?.uid);
    assert.equal((await poll()).delivered, 1);
    assert.deepEqual(await folder.list("var/cold/courrier"), ["a.pdf", "b.pdf"]);
  });
});

Deno.test("an item that failed is not made to wait longer because the clock was set back", async () => {
  await withProject({}, async ({ inbox, poll, stores: { ledger } }) => {
    inbox.add(mail(1, ["a.pdf", "%PDF 1"]));
    const key = `${ACCOUNT}@127.0.0.1/INBOX/1/1`;
    const later = (ms: number) => new Date(Date.now() + ms);
    const fail = (retryAt: Date) =>
      ledger.decide("courrier", { key, label: "x" }, {
        outcome: "failed",
        reason: "r",
        attempts: 1,
        retryAt,
      });
    fail(later(60_000));
    assert.equal((await poll()).delivered, 0);
    fail(later(365 * 86_400_000));
    assert.equal((await poll()).delivered, 1);
  });
});

Deno.test(
  "a mail that only repeats another one of its batch is not recorded before that one is",
  { ignore: Deno.build.os === "windows" },
  async () => {
    await withProject({ listen: 'after = "delete"', deliver: 'duplicates = "skip"' }, async (project) => {
      const { folder, inbox, poll, server, stores: { ledger } } = project;
      inbox.add(mail(1, ["a.pdf", "%PDF one"]));
      inbox.add(mail(2, ["b.pdf", "%PDF one"]));
      const cold = folder.at("var/cold/courrier");
      server.faults.at = (command) => {
        if (command !== "UID FETCH") return undefined;
        delete server.faults.at;
        // A file where the directory was: no free name can be found in it.
        Deno.removeSync(cold);
        Deno.writeTextFileSync(cold, "");
        return undefined;
      };
      await assert.rejects(poll(), { name: "DeliveryError" });
      assert.deepEqual(ledger.recent("courrier", 10), []);
      await Deno.remove(cold);
      assert.equal((await poll()).delivered, 2);
      assert.deepEqual(await folder.list("var/cold/courrier"), ["a.pdf"]);
      assert.equal(inbox.mails.length, 0);
    });
  },
);
