/** Subject and sender of mails: with all that fails, is skipped or ends in quarantine, for whoever has to recognise it. */
import assert from "node:assert/strict";
import { startImapServer } from "../../test/servers/imap_server.ts";
import {
  ACCOUNT,
  type LauncherProject,
  listenLines,
  PASSWORD,
  withLauncher,
} from "../../test/servers/launcher_project.ts";
import { Mailbox } from "../../test/servers/mailbox.ts";
import { startPop3Server } from "../../test/servers/pop3_server.ts";
import { stuffed, TERMINATOR } from "../../test/servers/pop3_text.ts";
import { CutError } from "../errors.ts";
import { Quarantine } from "../quarantine.ts";
import { titleOf, titleOfCut } from "./title.ts";

const TITLE = "Facture d’été 42 – compta@fournisseur.test";
const USERS = { [ACCOUNT]: PASSWORD };

function mail(
  { encoding = "7bit", subject = "=?utf-8?Q?Facture_d=E2=80=99=C3=A9t=C3=A9_42?=" }: Record<string, string>,
): string {
  return `From: "Compta" <compta@fournisseur.test>\r\nSubject: ${subject}\r\nMessage-ID: <${subject.length}${encoding}@x>\r\n` +
    `Content-Type: application/pdf\r\nContent-Transfer-Encoding: ${encoding}\r\n` +
    `Content-Disposition: attachment; filename="n1.pdf"\r\n\r\n%PDF-1.7 ${"x".repeat(60)}\r\n`;
}

function filled(...mails: readonly string[]): Mailbox {
  const mailbox = new Mailbox();
  for (const raw of mails) mailbox.add(raw);
  return mailbox;
}

function titles({ stores }: LauncherProject): string[] {
  return stores.ledger.recent("courrier", 10).map(({ outcome, title }) => `${outcome}: ${title}`);
}

Deno.test("titleOf() tells subject and sender in 80 characters", () => {
  const from = "Compta <compta@fournisseur.test>";
  const cases: readonly (readonly [subject: string, from: string, title: string | undefined])[] = [
    ["Facture 42", from, "Facture 42 – compta@fournisseur.test"],
    ["Facture 42", "compta@fournisseur.test", "Facture 42 – compta@fournisseur.test"],
    ["Facture 42", "", "Facture 42"],
    ["é".repeat(500), "", `${"é".repeat(79)}…`],
    ["", from, "compta@fournisseur.test"],
    ["", "", undefined],
    ["é".repeat(500), from, `${"é".repeat(53)}… – compta@fournisseur.test`],
    ["Facture", `<${"a".repeat(500)}@b>`, `Facture – ${"a".repeat(39)}…`],
    ["x".repeat(52) + "😀".repeat(9), from, `${"x".repeat(52)}… – compta@fournisseur.test`],
  ];
  for (const [subject, sender, title] of cases) {
    assert.equal(titleOf({ subject, from: sender }), title);
    assert.ok((title ?? "").length <= 80);
  }
});

Deno.test("titleOfCut() reads the headers of what came, and only where they are whole", () => {
  const cut = (text: string) => new CutError("cut", new TextEncoder().encode(text));
  assert.equal(titleOfCut(cut(mail({}).slice(0, -20))), TITLE);
  assert.equal(titleOfCut(cut(mail({}).slice(0, 60))), undefined);
  assert.equal(titleOfCut(new Error("something else")), undefined);
});

Deno.test("a mail that is quarantined is known by subject and sender: in reason.json, ledger, report and at the next start", async () => {
  await using server = await startImapServer({
    mailboxes: [filled(mail({ encoding: "x-unknown" }))],
    users: USERS,
  });
  await withLauncher(listenLines("imap", server.port), async (project) => {
    const { folder, launcher } = project;
    const { items: [item] } = await launcher.poll();
    assert.deepEqual([item?.outcome, item?.title, item?.label], ["quarantined", TITLE, "INBOX UID 1"]);
    assert.deepEqual(titles(project), [`quarantined: ${TITLE}`]);
    const reopened = await Quarantine.open(folder.at("var/quarantine"));
    assert.equal(reopened.list()[0]?.title, TITLE);
  });
});

Deno.test("a POP3 mail that fails has its title while it is kept, tried again, and after the last attempt", async () => {
  let body = mail({});
  await using server = await startPop3Server({
    mailbox: filled(mail({})),
    users: USERS,
    script: {
      body: async function* () {
        await Promise.resolve();
        yield stuffed(new TextEncoder().encode(body));
        yield new Uint8Array(TERMINATOR);
        body = mail({});
      },
    },
  });
  await withLauncher(`retries = 1\n${listenLines("pop3", server.port)}`, async (project) => {
    const { launcher, stores } = project;
    // Cut when it is fetched ahead, whole when it is fetched to be kept.
    body = mail({}).slice(0, -20);
    assert.equal((await launcher.poll()).items[0]?.title, TITLE);
    assert.deepEqual(titles(project), [`failed: ${TITLE}`]);
    assert.equal(stores.retained.list()[0]?.title, TITLE);
    assert.equal((await launcher.poll({ byHand: true })).delivered, 1);
  });
});

Deno.test("a mail that its headers exclude is known by them, although its body was never fetched", async () => {
  await using server = await startImapServer({
    mailboxes: [filled(mail({ subject: "Promotions" }))],
    users: USERS,
  });
  const lines = `${listenLines("imap", server.port)}[filter]\nsubject = ["Facture*"]\n`;
  await withLauncher(lines, async (project) => {
    await project.launcher.poll();
    assert.deepEqual(titles(project), ["skipped: Promotions – compta@fournisseur.test"]);
  });
});

Deno.test("an entry of a quarantine that older versions wrote has no title, and is listed", async () => {
  await withLauncher(listenLines("imap", 1), async ({ folder }) => {
    const entry = {
      id: "20260101120000-abcde",
      launcher: "courrier",
      scope: "courrier",
      key: "k",
      label: "INBOX UID 1",
      kind: "mail",
      original: "mail.eml",
      sizeBytes: 4,
      reason: "it is cut short",
      attempts: 1,
      at: "2026-01-01T12:00:00.000Z",
    };
    await folder.write(`var/quarantine/${entry.id}/reason.json`, JSON.stringify(entry));
    assert.deepEqual((await Quarantine.open(folder.at("var/quarantine"))).list(), [entry]);
  });
});
