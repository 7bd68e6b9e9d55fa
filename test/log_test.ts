/** What the log says of mails and documents: which item, which rule; nothing that a stranger has written. */
import assert from "node:assert/strict";
import { zipSync } from "fflate";
import { freePort } from "./servers/free_port.ts";
import { startImapServer } from "./servers/imap_server.ts";
import { Mailbox } from "./servers/mailbox.ts";
import { runTask, startTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";

const ACCOUNT = "ged@exemple.test";
/** In every text that the mails bring. */
const MARK = "Dupont";

interface Report {
  readonly items: readonly {
    readonly label: string;
    readonly title: string;
    readonly outcome: string;
    readonly reason: string;
  }[];
}

function mail(
  { subject = "facture", from = "a@fournisseur.test", name = "", content = "" }: Record<string, string>,
): string {
  const part = name === ""
    ? "Content-Type: text/plain\r\n\r\nBonjour\r\n"
    : `Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="${name}"\r\n` +
      `Content-Transfer-Encoding: base64\r\n\r\n${content}\r\n`;
  return `From: ${MARK} <${from}>\r\nSubject: ${subject} ${MARK}\r\nMessage-ID: <${crypto.randomUUID()}@exemple.test>\r\n` +
    `MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n${part}--b--\r\n`;
}

/** A zip with a file whose checksum is wrong. */
function damagedZip(name: string): string {
  const zip = zipSync({ [name]: new TextEncoder().encode(MARK) }, { level: 0 });
  const at = zip.findIndex((_, index) => new TextDecoder().decode(zip.subarray(index, index + 6)) === MARK);
  // The name has it too: what counts is the content, which comes after.
  const content = zip.findIndex((_, index) =>
    index > at && new TextDecoder().decode(zip.subarray(index, index + 6)) === MARK
  );
  zip[content] = 0x64;
  return zip.toBase64();
}

Deno.test("the log tells rule and item of each mail, but no subject, sender or name; the report tells all", async () => {
  const inbox = new Mailbox();
  inbox.add(mail({ subject: "publicité" }));
  inbox.add(mail({ from: "x@ailleurs.test" }));
  inbox.add(mail({ name: `${MARK}.exe`, content: "eHg=" }));
  inbox.add(mail({ name: `${MARK}.zip`, content: damagedZip(`${MARK}.pdf`) }));
  inbox.add(mail({ name: `filter.${MARK.toLowerCase()}`, content: "eHg=" }));
  inbox.add(mail({}));
  inbox.add(mail({ name: `${MARK}.pdf`, content: btoa("%PDF-1.7") }));
  await using server = await startImapServer({ mailboxes: [inbox], users: { [ACCOUNT]: "geheim" } });
  await using folder = await TempFolder.make();
  await folder.write("launchers.d/gateway.toml", '[log]\nlevel = "debug"\n');
  await folder.write(
    "launchers.d/courrier.toml",
    `[listen]\nprotocol = "imap"\nserver = "127.0.0.1"\nport = ${server.port}\ntls = "none"\naccount = "${ACCOUNT}"\n` +
      'password = "geheim"\n[filter]\nsubject = ["facture*"]\nfrom = ["*@fournisseur.test"]\nexclude = ["*.exe", "filter.*"]\n' +
      '[documents]\nwithout = "quarantine"\nzip = "open"\n[deliver]\ncold = "courrier"\nname = "{from} {subject} {name}"\n',
  );
  const { stdout, stderr } = await runTask("run", ["courrier", "--json"], { cwd: folder.path });
  const { items } = JSON.parse(stdout) as Report;
  assert.deepEqual(
    items.map(({ label, outcome }) => `${label} ${outcome}`).sort(),
    ["skipped", "skipped", "skipped", "quarantined", "skipped", "quarantined", "delivered"]
      .map((outcome, index) => `INBOX UID ${index + 1} ${outcome}`),
  );
  assert.deepEqual(
    items.filter(({ outcome }) => outcome !== "delivered").map(({ title }) => title).sort(),
    ["publicité Dupont – a@fournisseur.test", "facture Dupont – x@ailleurs.test"]
      .concat(Array.from({ length: 4 }, () => "facture Dupont – a@fournisseur.test")).sort(),
  );
  const reasons = items.map(({ reason }) => reason).join("\n");
  assert.match(reasons, /filter\.subject: "publicité Dupont" matches none of "facture\*"/);
  assert.match(reasons, /Cannot .*"Dupont.*wrong checksum/);
  for (const rule of ["filter.subject", "filter.from", "filter.exclude"]) {
    assert.match(stderr, new RegExp(`item="INBOX UID \\d" rule=${rule.replace(".", "\\.")}`), stderr);
  }
  assert.match(stderr, /item="INBOX UID 4" reason="Cannot .*\\"…\\".*wrong checksum" quarantine=\d/);
  for (const text of [MARK, MARK.toLowerCase(), "publicité", "ailleurs", "geheim"]) {
    assert.ok(!stderr.includes(text), `${text} in:\n${stderr}`);
  }
});

Deno.test("the ways to mend a fault stand in the log as a person reads them", async () => {
  await using folder = await TempFolder.make();
  await folder.write(
    "launchers.d/imap.conf",
    `[imap]\nclient = yes\naccept = 0.0.0.0:${freePort()}\nconnect = imap.exemple.test:993\n`,
  );
  const remedies: string[] = [];
  for (const format of ["text", "json"]) {
    await folder.write(
      "launchers.d/gateway.toml",
      `[status]\nlisten = "127.0.0.1:0"\n[log]\nformat = "${format}"\n`,
    );
    await using gateway = startTask("start", [], { cwd: folder.path });
    remedies.push(await gateway.logged("could reach it in clear text"));
  }
  const [text = "", json = ""] = remedies;
  assert.match(text, / remedy="Listen on 127\.0\.0\.1; or: Add unsafe-listen = yes [^"\\]+"/);
  assert.match(JSON.parse(json).remedy, /^Listen on 127\.0\.0\.1; or: Add/);
});

Deno.test({
  name: "a file's name gives the terminal that shows the log, or a result as JSON, no orders",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using folder = await TempFolder.make();
    for (const format of ["text", "json"]) {
      await folder.write("launchers.d/gateway.toml", `[log]\nformat = "${format}"\n`);
      await folder.write(
        "launchers.d/depot.toml",
        '[listen]\nprotocol = "folder"\npath = "in"\nsettle = "1ms"\n[deliver]\ncold = "depot"\n',
      );
      await folder.write(`in/${format}\u001b[2J\u009b2J\u202efdp.\u2028x\n.txt`, "x");
      const { stderr, stdout } = await runTask("run", ["depot", "--json"], { cwd: folder.path });
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/);
      assert.ok(JSON.parse(stdout).items[0].label.includes("\u009b2J\u202efdp"), stdout);
      assert.match(stderr, /\\u009b2J\\u202efdp\.\\u2028x/);
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/);
    }
  },
});
