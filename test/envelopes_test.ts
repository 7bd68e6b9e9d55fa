/** Envelopes through a whole launcher: what arrives in the COLD, in each grouping. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { unzipSync } from "fflate";
import { assertMetadata, assertSameAsXml, readMetadata } from "./metadata_schema.ts";
import { freePort } from "./servers/free_port.ts";
import { runTask, startTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";

const FIXTURES = fileURLToPath(new URL("fixtures/envelopes", import.meta.url));
const IBAN = "FR7612345678901234567890123";
const PIVOT = "PivotS.xml";

/** A launcher on envelopes; `deliver` adds to its table. */
async function makeLauncher(deliver: string): Promise<TempFolder> {
  const folder = await TempFolder.make();
  await folder.write(
    "launchers.d/recus.toml",
    '[listen]\nprotocol = "adullact"\npath = "var/in"\nsettle = "1ms"\n[deliver]\ncold = "recus"\n' + deliver,
  );
  return folder;
}

async function poll(folder: TempFolder): Promise<void> {
  const { code, stdout, stderr } = await runTask("run", ["recus", "--json"], { cwd: folder.path });
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(stdout).delivered, 1, stdout);
}

async function deposit(folder: TempFolder, sample: string): Promise<string> {
  for await (const { name, isDirectory } of Deno.readDir(join(FIXTURES, sample))) {
    if (!isDirectory) await folder.write(`var/in/${name}`, await Deno.readFile(join(FIXTURES, sample, name)));
    else {
      for await (const file of Deno.readDir(join(FIXTURES, sample, name))) {
        await folder.write(
          `var/in/${name}/${file.name}`,
          await Deno.readFile(join(FIXTURES, sample, name, file.name)),
        );
      }
    }
    return name;
  }
  throw new Error(`no envelope in ${sample}`);
}

Deno.test("an envelope arrives as a directory: all its files, those embedded too, and metadata.json", async () => {
  await using folder = await makeLauncher("");
  await deposit(folder, "helios-zip");
  await poll(folder);
  assert.deepEqual(await folder.list("var/cold/recus"), ["PESALR2_12345678900012_240312_001/"]);
  const into = folder.at("var/cold/recus/PESALR2_12345678900012_240312_001");
  const metadata = await readMetadata(into);
  const names = (await folder.list(into.slice(folder.path.length + 1))).filter((name) =>
    name !== "metadata.json"
  );
  assert.deepEqual(metadata.files.map(({ name }: { name: string }) => name).sort(), names);
  assert(metadata.files.some(({ role }: { role: string }) => role === "piece_jointe"));
});

Deno.test("an envelope arrives as a directory with metadata.xml, which says the same, and keeps its own", async () => {
  await using folder = await makeLauncher('sidecar = "xml"\n');
  const name = await deposit(folder, "chorus-repertoire");
  await poll(folder);
  const into = folder.at(`var/cold/recus/${name}`);
  await assertSameAsXml(into);
  const source = await Deno.readTextFile(join(FIXTURES, "chorus-repertoire", name, "metadata.xml"));
  assert.equal(await Deno.readTextFile(join(into, "source-metadata.xml")), source);
  assert.equal((await readMetadata(into)).metadata.file, "source-metadata.xml");
  assert.deepEqual(
    (await folder.list(`var/cold/recus/${name}`)).filter((each) => /^document\./.test(each)),
    [],
  );
});

Deno.test("an envelope arrives flat under its own name, a sidecar beside each document", async () => {
  await using folder = await makeLauncher('group = "flat"\nsidecar = "xml"\nname = "{numero} {name}"\n');
  const name = await deposit(folder, "chorus-repertoire");
  await poll(folder);
  const names = await folder.list("var/cold/recus");
  assert(names.includes(`${name}_F-42 FAC98765432100011F-42.pdf`), names.join());
  assert(names.includes(`${name}_F-42 FAC98765432100011F-42.pdf.xml`), names.join());
  const metadata = names.find((each) => each.endsWith("metadata.json"));
  assertMetadata(JSON.parse(await Deno.readTextFile(folder.at(`var/cold/recus/${metadata}`))));
  assert.deepEqual(
    names.filter((each) => /metadata\.(json|xml)\.xml$/.test(each) && !/source-/.test(each)),
    [],
  );
});

Deno.test("an envelope arrives as a zip", async () => {
  await using folder = await makeLauncher('group = "zip"\n');
  await deposit(folder, "actes-targz");
  await poll(folder);
  const [name, ...others] = await folder.list("var/cold/recus");
  assert.deepEqual([name, others], ["abc-EACT--123456789--20240312-1.zip", []]);
  const files = unzipSync(await Deno.readFile(folder.at(`var/cold/recus/${name}`)));
  const metadata = JSON.parse(new TextDecoder().decode(files["metadata.json"]));
  assertMetadata(metadata);
  const expected = metadata.files.map((file: { name: string }) => file.name);
  assert.deepEqual(Object.keys(files).sort(), [...expected, "metadata.json"].sort());
});

Deno.test("bank accounts stay out of metadata and log unless asked for", async (t) => {
  const pivot =
    `<CPPFacturePivot><CPPFactures><CPPFacturePivotUnitaire><Fournisseur><Identifiant>1</Identifiant>` +
    `<ReferenceBancaire Type="IBAN"><Compte>${IBAN}</Compte></ReferenceBancaire></Fournisseur>` +
    `</CPPFacturePivotUnitaire></CPPFactures></CPPFacturePivot>`;
  for (const [asked, option] of [[false, ""], [true, "personal_data = true\n"]] as const) {
    await t.step(asked ? "asked for" : "not asked for", async () => {
      await using folder = await makeLauncher(`sidecar = "xml"\n${option}`);
      await folder.write(`var/in/${PIVOT}`, pivot);
      await folder.write("launchers.d/gateway.toml", '[log]\nlevel = "debug"\n');
      const { stdout, stderr } = await runTask("run", ["recus", "--json"], { cwd: folder.path });
      assert(!`${stdout}${stderr}`.includes(IBAN));
      for (const name of ["metadata.json", "metadata.xml"]) {
        const text = await Deno.readTextFile(folder.at(`var/cold/recus/PivotS/${name}`));
        assert.equal(text.includes(IBAN), asked, name);
      }
      assert.equal(await Deno.readTextFile(folder.at(`var/cold/recus/PivotS/${PIVOT}`)), pivot);
    });
  }
});

Deno.test("an envelope that stays unfinished is reported, by the run and on the page, and left where it is", async () => {
  await using folder = await TempFolder.make();
  const port = freePort();
  await folder.write("launchers.d/gateway.toml", `[status]\nlisten = "127.0.0.1:${port}"\n`);
  await folder.write(
    "launchers.d/recus.toml",
    'schedule = "0 0 1 1 *"\n[listen]\nprotocol = "adullact"\npath = "var/in"\nsettle = "1ms"\nunfinished_after = "0s"\n' +
      'after = "delete"\n[deliver]\ncold = "recus"\n',
  );
  await folder.write("var/in/F-42/facture.pdf", "%PDF");
  await using gateway = startTask("start", [], { cwd: folder.path });
  await gateway.logged("started");
  const { stdout } = await runTask("run", ["recus", "--json"], { cwd: folder.path });
  const [unfinished] = JSON.parse(stdout).unfinished;
  assert.equal(unfinished.label, "F-42");
  assert.match(unfinished.reason, /neither an end marker nor metadata/);
  await gateway.logged("unfinished, left where it is");
  const page = `http://127.0.0.1:${port}`;
  const headers = { "accept-language": "fr" };
  assert.match(await (await fetch(page, { headers })).text(), /1 enveloppe reste incomplète/);
  assert.match(
    await (await fetch(`${page}/launchers/recus`, { headers })).text(),
    /F-42\u00a0: <span[^>]*>il n’y a là ni marque de fin/,
  );
  assert.deepEqual(await folder.list("var/in/F-42"), ["facture.pdf"]);

  await folder.write("var/in/F-42/metadata.json", '{"facture_pj_01":["facture.pdf"]}');
  const then = JSON.parse((await runTask("run", ["recus", "--json"], { cwd: folder.path })).stdout);
  assert.deepEqual([then.delivered, then.unfinished], [1, undefined]);
  assert.doesNotMatch(await (await fetch(page, { headers })).text(), /incomplète/);
});

Deno.test("loose files arrive together, or go to quarantine together and come back", async () => {
  await using folder = await TempFolder.make();
  const listen =
    '[listen]\nprotocol = "adullact"\npath = "var/in"\nsettle = "1ms"\nafter = "delete"\nloose = true\n';
  await folder.write("launchers.d/recus.toml", `${listen}[deliver]\ncold = "recus"\n`);
  await folder.write("var/in/Délib.pdf", "%PDF");
  await folder.write("var/in/metadata.json", '{"acte_nature":"1","arrete":["Délib.pdf"]}');
  await poll(folder);
  assert.deepEqual(await folder.list("var/in"), []);
  assert.deepEqual(await folder.list("var/cold/recus/Délib"), [
    "Délib.pdf",
    "metadata.json",
    "source-metadata.json",
  ]);
  assert.equal((await readMetadata(folder.at("var/cold/recus/Délib"))).files[1].role, "acte");

  await folder.write(
    "var/in/ar.xml",
    '<a:ARActe xmlns:a="http://www.interieur.gouv.fr/ACTES#v1.1-20040216"></b>',
  );
  await folder.write("var/in/metadata.json", '{"acte_nature":"1","aractes":["ar.xml"]}');
  const { stdout } = await runTask("run", ["recus", "--json"], { cwd: folder.path });
  assert.equal(JSON.parse(stdout).quarantined, 1, stdout);
  assert.deepEqual(await folder.list("var/in"), []);
  const [id = ""] = await folder.list("var/quarantine");
  assert.deepEqual(await folder.list(`var/quarantine/${id}ar`), ["ar.xml", "metadata.json"]);

  // Mended by hand where it lies.
  await folder.write(
    `var/quarantine/${id}ar/ar.xml`,
    '<a:ARActe xmlns:a="http://www.interieur.gouv.fr/ACTES#v1.1-20040216"/>',
  );
  const retried = await runTask("quarantine", ["retry", id.slice(0, -1)], { cwd: folder.path });
  assert.equal(retried.code, 0, retried.stderr);
  assert.deepEqual(await folder.list("var/cold/recus/ar"), [
    "ar.xml",
    "metadata.json",
    "source-metadata.json",
  ]);
});

Deno.test("an envelope that is damaged goes to quarantine whole, and nothing of it into the COLD", async (t) => {
  const whole = await Deno.readFile(join(FIXTURES, "helios-zip", "PESALR2_12345678900012_240312_001.zip"));
  const pes = (content: string) =>
    `<n:PES_Aller xmlns:n="http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller"><PES_PJ><PJ><Contenu>` +
    `<Fichier MIMEType="application/pdf">${
      btoa("%PDF-1.4 whole")
    }</Fichier></Contenu><NomPJ V="a.pdf"/></PJ>` +
    `${content}</PES_PJ></n:PES_Aller>`;
  const damagedGzip = gzipSync("x".repeat(999)).subarray(0, -9).toString("base64");
  const cases: [string, string, Uint8Array | string, RegExp][] = [
    // Octets of the CRC of the first member, in the directory.
    ["wrong checksum", "a.zip", withWrongChecksum(whole), /wrong checksum/],
    ["not well-formed behind an attachment", "a.xml", pes("<PJ></Contenu>"), /not well-formed/],
    [
      "a damaged attachment behind a whole one",
      "a.xml",
      pes(`<PJ><Contenu><Fichier MIMEType="x">${damagedGzip}</Fichier></Contenu><NomPJ V="b.pdf"/></PJ>`),
      /attachment "b.pdf"/,
    ],
    ["a DTD", "a.xml", `<!DOCTYPE x [<!ENTITY a "b">]><CPPFacturePivot/>`, /DTD/],
    ["nothing known", "a.xml", "<html/>", /neither its metadata nor its files/],
  ];
  for (const [label, name, content, reason] of cases) {
    await t.step(label, async () => {
      await using folder = await makeLauncher("");
      const text = await Deno.readTextFile(folder.at("launchers.d/recus.toml"));
      await folder.write("launchers.d/recus.toml", text.replace("[deliver]", 'after = "delete"\n[deliver]'));
      await folder.write(`var/in/${name}`, content);
      const { stdout } = await runTask("run", ["recus", "--json"], { cwd: folder.path });
      const [item] = JSON.parse(stdout).items;
      assert.equal(item.outcome, "quarantined");
      assert.match(item.reason, reason);
      assert.deepEqual(await folder.list("var/cold/recus"), []);
      // Nothing staged is left over either, but for the mark of who stages here.
      const staged = (await folder.list("var/cold/.lanceur")).filter((each) => each !== "owner");
      assert.deepEqual(staged, []);
      const [id] = await folder.list("var/quarantine");
      const original = await Deno.readFile(folder.at(`var/quarantine/${id}${name}`));
      assert.deepEqual(original, typeof content === "string" ? new TextEncoder().encode(content) : content);
      assert.deepEqual(await folder.list("var/in"), []);
    });
  }
});

function withWrongChecksum(zip: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(zip);
  const directory = new DataView(zip.buffer, zip.byteOffset).getUint32(zip.length - 6, true);
  copy[directory + 16] = (copy[directory + 16] ?? 0) ^ 0xff;
  return copy;
}
