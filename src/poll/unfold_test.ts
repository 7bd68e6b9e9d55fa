import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { attached, base64, mail, octets, part, PDF } from "../../test/fixtures/mails/build.ts";
import { binary, zip } from "../../test/fixtures/mails/build_packed.ts";
import { packedMails } from "../../test/fixtures/mails/corpus_packed.ts";
import type { TempFolder } from "../../test/servers/temp_folder.ts";
import { withProject } from "../../test/servers/mail_project.ts";

/** Every file below a folder, by its path there, as binary strings. */
async function filesBelow(folder: TempFolder, path: string, prefix = ""): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const name of await folder.list(path).catch(() => [])) {
    if (name.endsWith("/")) Object.assign(files, await filesBelow(folder, `${path}/${name}`, prefix + name));
    else {files[prefix + name] = new TextDecoder("latin1").decode(
        await Deno.readFile(folder.at(`${path}/${name}`)),
      );}
  }
  return files;
}

Deno.test("what is packed in the documents of a mail arrives, byte for byte, or the mail is quarantined", async (t) => {
  for (const { rule, raw, files = {}, outcome = "delivered", reason, ...tables } of await packedMails()) {
    await t.step(rule, async () => {
      await withProject(tables, async ({ folder, inbox, poll }) => {
        inbox.add(octets(raw));
        const { items } = await poll();
        assert.deepEqual(items.map((item) => item.outcome), [outcome], items[0]?.reason ?? "");
        if (reason !== undefined) assert.match(items[0]?.reason ?? "", reason);
        const found = await filesBelow(folder, "var/cold/courrier");
        assert.deepEqual(
          Object.keys(found).sort(),
          Object.keys(files).map((name) => name.normalize()).sort(),
        );
        for (const [name, content] of Object.entries(files)) {
          if (content === null) continue;
          assert.ok(found[name] === new TextDecoder("latin1").decode(octets(content)), `${name} differs`);
        }
        const told = items[0]?.documents.map((path) => path.slice(folder.at("var/cold/courrier/").length));
        assert.deepEqual(told?.sort(), Object.keys(found).sort());
        assert.deepEqual(await folder.list("var/cold/.lanceur"), []);
        assert.equal((await poll()).items.length, 0);
      });
    });
  }
});

Deno.test("an attached mail without a name is under the filter like any other file", async (t) => {
  const nameless = part(["Content-Type: message/rfc822"], part(["From: a@b.example"], "Bonjour\r\n"));
  const raw = octets(mail([part(attached("a.pdf"), base64(PDF)), nameless]));
  const cases: [filter: string, files: string[]][] = [
    ["", ["a.pdf", "document-2.eml"]],
    ['include = ["*.pdf"]', ["a.pdf"]],
    ['exclude = ["*.eml"]', ["a.pdf"]],
    ["name = ['/.*\\.pdf/']", ["a.pdf"]],
    ["name = ['/.*\\.eml/']", ["document-2.eml"]],
  ];
  for (const [filter, files] of cases) {
    await t.step(filter, async () => {
      await withProject({ filter }, async ({ folder, inbox, poll }) => {
        inbox.add(raw);
        assert.equal((await poll()).delivered, 1);
        assert.deepEqual(await folder.list("var/cold/courrier"), files);
      });
    });
  }
});

Deno.test("a dry run tells what would come out of a mail, and does nothing", async (t) => {
  const mails = (await packedMails()).filter((_, index) => index % 8 === 1);
  for (const { rule, raw, files: _, outcome = "delivered", ...tables } of mails) {
    await t.step(rule, async () => {
      await withProject(tables, async ({ folder, inbox, poll, dryRun }) => {
        inbox.add(octets(raw));
        const [forecast] = (await dryRun()).items;
        assert.equal(forecast?.outcome, outcome);
        assert.deepEqual(await filesBelow(folder, "var/cold"), {});
        const [item] = (await poll()).items;
        assert.deepEqual(forecast?.documents, item?.documents);
      });
    });
  }
});

Deno.test("a reason is no longer than a page can show, whatever names are in an archive", async () => {
  const litter = Array.from({ length: 20 }, (_, index) => [`__MACOSX/${index}${"x".repeat(60_000)}`, ""]);
  const content = zip({ ...Object.fromEntries(litter), "a.pdf": PDF });
  await withProject({ documents: 'zip = "open"', filter: 'exclude = ["a*"]' }, async ({ inbox, poll }) => {
    inbox.add(octets(mail([part(attached("a.zip", "application/zip"), base64(content))])));
    const { items: [item] } = await poll();
    assert.equal(item?.outcome, "skipped");
    assert.equal(item?.reason, 'filter.exclude: "a.pdf" matches "a*"; …');
  });
  const names = Array.from({ length: 200 }, (_, index) => [`__MACOSX/${index}`, ""]);
  const many = zip({ ...Object.fromEntries(names), "a.pdf": PDF });
  await withProject({ documents: 'zip = "open"', filter: 'exclude = ["a*"]' }, async ({ inbox, poll }) => {
    inbox.add(octets(mail([part(attached("a.zip", "application/zip"), base64(many))])));
    const { items: [item] } = await poll();
    const { length = 0 } = item?.reason ?? "";
    assert.ok(length > 1900 && length <= 2000, `${length}`);
    assert.match(item?.reason ?? "", /; __MACOSX\/\d+: a file of the operating system; …$/);
  });
});

Deno.test("a reason in ledger and quarantine is no longer either, whatever name an error is about", async () => {
  const name = `../${"x".repeat(60_000)}.pdf`;
  const content = zip({ [name]: PDF });
  await withProject({ documents: 'zip = "open"' }, async ({ folder, inbox, stores, poll }) => {
    inbox.add(octets(mail([part(attached("a.zip", "application/zip"), base64(content))])));
    const { items: [item] } = await poll();
    assert.equal(item?.outcome, "quarantined");
    const [row] = stores.ledger.recent("courrier", 1, {});
    const [entry] = stores.quarantine.list();
    const { reason } = JSON.parse(
      await Deno.readTextFile(folder.at(`var/quarantine/${entry?.id}/reason.json`)),
    );
    for (const told of [row?.reason, entry?.reason, reason]) {
      assert.match(told, /^Cannot open "a\.zip".*x…x.*: the path leads out of the archive$/);
      assert.ok(told.length <= 2000);
    }
    assert.ok((item?.reason?.length ?? 0) < 2100);
  });
});

const HELIOS = "PESALR2_12345678900012_240312_001";

/** A mail with the same envelope as all others, and a PDF of its own. */
async function heliosMail(number: number): Promise<Uint8Array<ArrayBuffer>> {
  const helios = await Deno.readFile(
    new URL(`../../test/fixtures/envelopes/helios-zip/${HELIOS}.zip`, import.meta.url),
  );
  const raw = mail([
    part(attached(`${HELIOS}.zip`, "application/zip"), base64(binary(helios))),
    part(attached("a.pdf"), base64(`${PDF}${number}`)),
  ]);
  return octets(raw.replace("<1@", `<${number}@`));
}

Deno.test("duplicates = skip leaves out an envelope that another mail brought, and delivers the rest", async () => {
  const tables = { documents: 'envelopes = ["helios"]', deliver: 'duplicates = "skip"' };
  await withProject(tables, async ({ folder, inbox, poll }) => {
    inbox.add(await heliosMail(1));
    await poll();
    inbox.add(await heliosMail(2));
    const [item] = (await poll()).items;
    assert.deepEqual(item?.documents, [folder.at("var/cold/courrier/a_2.pdf")]);
    assert.match(item?.reason ?? "", /the same content was delivered/);
    assert.deepEqual(await folder.list("var/cold/courrier"), [`${HELIOS}/`, "a.pdf", "a_2.pdf"]);
    assert.deepEqual(await folder.list("var/cold/.lanceur"), []);
  });
});

Deno.test("a sidecar tells of a mail and of one document, an envelope has its own", async () => {
  const tables = { documents: 'envelopes = ["helios"]', deliver: 'sidecar = "json"' };
  await withProject(tables, async ({ folder, inbox, poll }) => {
    inbox.add(await heliosMail(1));
    await poll();
    assert.deepEqual(await folder.list("var/cold/courrier"), [`${HELIOS}/`, "a.pdf", "a.pdf.json"]);
    assert.ok((await folder.list(`var/cold/courrier/${HELIOS}`)).includes("metadata.json"));
    const sidecar = JSON.parse(await Deno.readTextFile(folder.at("var/cold/courrier/a.pdf.json")));
    const { item: _, documents, ...facts } = sidecar;
    assert.deepEqual(facts, {
      from: "Fournisseur <compta@fournisseur.example>",
      to: "ged@mairie.example",
      subject: "Facture",
      message_id: "<1@fournisseur.example>",
      date: "2024-03-12T09:00:00.000Z",
    });
    const sha256 = createHash("sha256").update(octets(`${PDF}1`)).digest("hex");
    assert.deepEqual(documents, [{ n: 1, name: "a.pdf", size: PDF.length + 1, sha256 }]);
  });
});
