/** Mails whose documents are packed in others, from a real Dovecot, by `deno task run`: over POP3 and over IMAP. */
import assert from "node:assert/strict";
import { relative } from "node:path";
import { attached, base64, ENVELOPE, mail, octets, part, PDF, TEXT } from "./fixtures/mails/build.ts";
import { smimePart, streamedSignedData } from "./fixtures/mails/build_cms.ts";
import { binary, encryptedZip, INVOICE_XML, pdfWith, zip } from "./fixtures/mails/build_packed.ts";
import { tnef } from "./fixtures/mails/build_tnef.ts";
import { startDovecot, whyNoDovecot } from "./servers/dovecot.ts";
import { runTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";

interface Report {
  readonly items: readonly {
    readonly label: string;
    readonly outcome: string;
    readonly reason: string | null;
    readonly documents: readonly string[];
  }[];
}

const ACTES = "abc-EACT--123456789--20240312-1";

function file(name: string, content: string, type = "application/octet-stream"): string {
  return part(attached(name, type), base64(content));
}

/** Mails, oldest first, each with the paths and contents that come of it; `null` where only the path is known. */
async function mails(): Promise<{ raw: string; files?: Record<string, string | null> }[]> {
  const invoice = await pdfWith({ "factur-x.xml": INVOICE_XML });
  const actes = new URL(`./fixtures/envelopes/actes-targz/${ACTES}.tar.gz`, import.meta.url);
  const expected = JSON.parse(
    await Deno.readTextFile(new URL("./fixtures/envelopes/actes-targz.expected.json", import.meta.url)),
  );
  const inside = [...expected.files.map(({ name }: { name: string }) => name), "metadata.json"];
  const large = "0123456789abcdef".repeat(200_000);
  return [
    {
      raw: smimePart(streamedSignedData(mail([TEXT, file("signé.bin", large)]), 1000), { headers: ENVELOPE }),
      files: { "signé.bin": large },
    },
    {
      raw: mail([TEXT, file("winmail.dat", tnef([{ longName: "Pièce n° 1.pdf", content: PDF }]))]),
      files: { "Pièce n° 1.pdf": PDF },
    },
    {
      raw: mail([TEXT, file("F-1.pdf", invoice, "application/pdf")]),
      files: { "F-1.pdf": invoice, "F-1_factur-x.xml": INVOICE_XML },
    },
    {
      raw: mail([TEXT, file("lot.zip", zip({ "d/a.txt": "un", "b.txt": "deux" }))]),
      files: { "a.txt": "un", "b.txt": "deux" },
    },
    {
      raw: mail([TEXT, file(`${ACTES}.tar.gz`, binary(await Deno.readFile(actes)))]),
      files: Object.fromEntries(inside.map((name) => [`${ACTES}/${name}`, null])),
    },
    { raw: mail([TEXT, file("secret.zip", encryptedZip({ "a.pdf": PDF }))]) },
  ];
}

const reason = whyNoDovecot();

Deno.test({
  name: `documents packed in others arrive from Dovecot, byte for byte, once${
    reason === undefined ? "" : ` (skipped: ${reason})`
  }`,
  ignore: reason !== undefined,
  async fn(t) {
    await using dovecot = await startDovecot();
    await using folder = await TempFolder.make();
    const sent = await mails();
    await dovecot.seed(sent.map(({ raw }) => octets(raw.replaceAll(/\r?\n/g, "\r\n"))));
    const { ports, caFile, account, password } = dovecot;
    await Deno.chmod(await folder.write("secret", password), 0o600);
    for (const [protocol, port] of Object.entries({ pop3: ports.pop3s, imap: ports.imaps })) {
      await folder.write(
        `launchers.d/${protocol}.toml`,
        `[listen]\nprotocol = "${protocol}"\nserver = "localhost"\nport = ${port}\nca_file = "${caFile}"\n` +
          `account = "${account}"\npassword = { file = "secret" }\n` +
          `[documents]\nzip = "open"\nfactur_x = true\nenvelopes = ["acte_nature"]\n[deliver]\ncold = "${protocol}"\n`,
      );
      await t.step(protocol, async () => {
        const first = await runTask("run", [protocol, "--json"], { cwd: folder.path });
        const { items } = JSON.parse(first.stdout) as Report;
        assert.equal(items.length, sent.length, first.stderr);
        // Numbered by the server in the order in which they lie there; delivered in no promised order.
        const inOrder = items.toSorted((a, b) => a.label < b.label ? -1 : 1);
        for (const [index, { outcome, reason, documents }] of inOrder.entries()) {
          const files = sent[index]?.files;
          assert.equal(outcome, files === undefined ? "quarantined" : "delivered", reason ?? "");
          if (files === undefined) {
            assert.match(reason ?? "", /^Cannot open "secret\.zip": "a\.pdf" is encrypted/);
          }
          const names = documents.map((path) => relative(folder.at(`var/cold/${protocol}`), path));
          assert.deepEqual(names.sort(), Object.keys(files ?? {}).sort());
          for (const [name, content] of Object.entries(files ?? {})) {
            if (content === null) continue;
            const found = await Deno.readFile(folder.at(`var/cold/${protocol}/${name}`));
            assert.ok(binary(found) === content, `${name} differs`);
          }
        }
        const second = JSON.parse(
          (await runTask("run", [protocol, "--json"], { cwd: folder.path })).stdout,
        ) as Report;
        assert.deepEqual(second.items, []);
      });
    }
  },
});
