import assert from "node:assert/strict";
import { startImapServer } from "../../test/servers/imap_server.ts";
import { ACCOUNT, listenLines, PASSWORD, withLauncher } from "../../test/servers/launcher_project.ts";
import { Mailbox } from "../../test/servers/mailbox.ts";
import { type Pop3Script, startPop3Server } from "../../test/servers/pop3_server.ts";

const FILTER = '[filter]\nsubject = ["*facture*"]\n';

function mail(number: number, subject: string): string {
  return `Message-ID: <m${number}@exemple.test>\r\nSubject: ${subject}\r\nContent-Type: application/pdf\r\n` +
    `Content-Disposition: attachment; filename="n${number}.pdf"\r\n\r\n%PDF-1.7 ${number}\r\n`;
}

/** Many that the filter refuses, two that it takes, and one whose header is damaged: only the whole mail tells. */
function fill(mailbox: Mailbox): void {
  for (let n = 1; n <= 120; n++) {
    mailbox.add(mail(n, n === 7 ? "=?utf-8?Q?Votre_facture?=" : n === 119 ? "FACTURE 12" : "Publicité"));
  }
  mailbox.add("no header\r\nat all\r\n");
}

async function pop3Fetched(script: Pop3Script): Promise<string[]> {
  const mailbox = new Mailbox();
  fill(mailbox);
  await using server = await startPop3Server({ mailbox, users: { [ACCOUNT]: PASSWORD }, script });
  await withLauncher(`${listenLines("pop3", server.port)}${FILTER}`, async ({ launcher, folder }) => {
    const { delivered, skipped } = await launcher.poll();
    assert.deepEqual([delivered, skipped], [2, 119]);
    assert.deepEqual(await folder.list("var/cold/courrier"), ["n119.pdf", "n7.pdf"]);
    assert.equal((await launcher.poll()).known, 121);
  });
  return server.commands.filter((line) => line.startsWith("RETR "));
}

Deno.test("a POP3 mail that its headers refuse is never fetched, where there is TOP", async () => {
  const fetched = await pop3Fetched({});
  assert.deepEqual([...new Set(fetched)].sort(), ["RETR 119", "RETR 121", "RETR 7"]);
});

Deno.test("without TOP all mails are fetched, and the same ones are taken", async () => {
  const fetched = await pop3Fetched({
    capabilities: ["USER", "UIDL"],
    react: (command) => command === "TOP" ? "-ERR no TOP\r\n" : undefined,
  });
  assert.equal(new Set(fetched).size, 121);
});

Deno.test("where TOP fails for one mail, that mail alone is fetched to look at it", async () => {
  const fetched = await pop3Fetched({
    react: (command, argument) =>
      command === "TOP" && argument === "9 0" ? "-ERR no such mail\r\n" : undefined,
  });
  assert.deepEqual([...new Set(fetched)].sort(), ["RETR 119", "RETR 121", "RETR 7", "RETR 9"]);
});

Deno.test("without a rule about headers none are asked for", async () => {
  const mailbox = new Mailbox();
  fill(mailbox);
  await using server = await startPop3Server({ mailbox, users: { [ACCOUNT]: PASSWORD } });
  const lines = `${listenLines("pop3", server.port)}[filter]\ninclude = ["*.pdf"]\n`;
  await withLauncher(lines, async ({ launcher }) => {
    assert.equal((await launcher.poll()).delivered, 120);
  });
  assert.ok(!server.commands.some((line) => line.startsWith("TOP")));
});

Deno.test("an IMAP mail that its headers refuse is never fetched, nor marked as seen", async () => {
  const inbox = new Mailbox();
  fill(inbox);
  await using server = await startImapServer({ mailboxes: [inbox], users: { [ACCOUNT]: PASSWORD } });
  const lines = `${listenLines("imap", server.port, 'after = "seen"')}${FILTER}`;
  await withLauncher(lines, async ({ launcher, folder }) => {
    const { delivered, skipped } = await launcher.poll();
    assert.deepEqual([delivered, skipped], [2, 119]);
    assert.deepEqual(await folder.list("var/cold/courrier"), ["n119.pdf", "n7.pdf"]);
  });
  const fetched = server.commands.filter((text) => /BODY\.PEEK\[\]/.test(text));
  const asked = new Set(fetched.flatMap((text) => /UID FETCH (\S+)/.exec(text)?.[1]?.split(",") ?? []));
  assert.deepEqual([...asked].sort(), ["119", "121", "7"]);
  const seen = inbox.mails.filter(({ flags }) => flags.has("\\Seen")).map(({ uid }) => uid);
  assert.deepEqual(seen, [7, 119]);
});
