import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import { readMetadata } from "../../test/metadata_schema.ts";
import { EnvelopeError } from "../errors.ts";
import { openEnvelope } from "./mod.ts";
import type { DecodedEnvelope } from "./envelope.ts";

const FIXTURES = fileURLToPath(new URL("../../test/fixtures/envelopes", import.meta.url));
const ACTES_NS = "http://www.interieur.gouv.fr/ACTES#v1.1-20040216";
const PES_NS = "http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller";

/** A temporary directory with an empty `out` in it. */
async function workspace() {
  const root = await Deno.makeTempDir();
  const into = join(root, "out");
  await Deno.mkdir(into);
  return { root, into, [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }) };
}

/** Writes `files` to a directory and opens that. */
async function openFiles(
  files: Readonly<Record<string, string | Uint8Array>>,
  check: (envelope: DecodedEnvelope, into: string) => void | Promise<void>,
  options: { name?: string; keys?: { acte_nature: string; helios: string; chorus_fact: string } } = {},
): Promise<void> {
  await using space = await workspace();
  const path = join(space.root, "depot");
  await Deno.mkdir(path);
  for (const [name, content] of Object.entries(files)) {
    await Deno.writeFile(
      join(path, name),
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
  }
  const envelope = await openEnvelope(path, { into: space.into, ...options });
  await readMetadata(space.into);
  await check(envelope, space.into);
}

function pes(pjs: string, encoding = "UTF-8"): string {
  return `<?xml version="1.0" encoding="${encoding}"?><n:PES_Aller xmlns:n="${PES_NS}"><EnTetePES><IdColl V="1"/></EnTetePES>` +
    `<PES_PJ><EnTetePES_PJ><IdVer V="1"/></EnTetePES_PJ>${pjs}</PES_PJ></n:PES_Aller>`;
}

function pj(content: string, name: string): string {
  return `<PJ><Contenu><Fichier MIMEType="x">${content}</Fichier></Contenu><IdUnique V="ID1"/><NomPJ V="${name}"/></PJ>`;
}

function pivot(pjs: string): string {
  return `<CPPFacturePivot><CPPFactures><CPPFacturePivotUnitaire><DonneesFacture><Id>F1</Id></DonneesFacture>${pjs}` +
    `</CPPFacturePivotUnitaire></CPPFactures></CPPFacturePivot>`;
}

function facturePj(content: Uint8Array, name: string, type = "02"): string {
  return `<PJ><Contenu>${content.toBase64()}</Contenu><NomPJ>${name}</NomPJ><TypePJ>${type}</TypePJ></PJ>`;
}

Deno.test("openEnvelope() decodes every sample as recorded, and its files are those on disk", async (t) => {
  for (
    const sample of [
      "actes-repertoire",
      "actes-nom-pastell",
      "actes-targz",
      "helios-zip",
      "chorus-repertoire",
      "actes-zip-json",
      "actes-yaml",
    ]
  ) {
    await t.step(sample, async () => {
      await using space = await workspace();
      const [entry] = await Array.fromAsync(Deno.readDir(join(FIXTURES, sample)));
      assert(entry !== undefined);
      const decoded = await openEnvelope(join(FIXTURES, sample, entry.name), { into: space.into });
      const written = await readMetadata(space.into);
      assert.deepEqual(
        written,
        JSON.parse(await Deno.readTextFile(join(FIXTURES, `${sample}.expected.json`))),
      );
      assert.equal(decoded.files.at(-1)?.name, "metadata.json");
      const names = await Array.fromAsync(Deno.readDir(space.into), (each) => each.name);
      assert.deepEqual(names.sort(), decoded.files.map((file) => file.name).sort());
      for (const file of decoded.files) {
        const bytes = await Deno.readFile(join(space.into, file.name));
        assert.equal(file.sizeBytes, bytes.length);
        assert.equal(file.sha256, createHash("sha256").update(bytes).digest("hex"));
      }
    });
  }
});

Deno.test("openEnvelope() tells the type by the first metadata key, then by the content", async (t) => {
  const flux = (key: string) => `<?xml version="1.0"?><flux><data name="${key}" value="1"/></flux>`;
  const cases: [string, Record<string, string>, string][] = [
    ["acte_nature", { "metadata.xml": flux("acte_nature") }, "acte_nature"],
    ["key that begins with helios", { "metadata.xml": flux("helios_etat") }, "helios"],
    ["known Helios key", { "metadata.xml": flux("fichier_pes") }, "helios"],
    ["chorus_fact", { "metadata.xml": flux("chorus_fact") }, "chorus_fact"],
    ["known Chorus key", { "metadata.xml": flux("statut_cpp") }, "chorus_fact"],
    ["JSON", { "metadata.json": '{"acte_nature":3}' }, "acte_nature"],
    [
      "YAML, as Pastell 2.0 escaped it",
      { "metadata.txt": 'acte_nature: \\"1\\"\nobjet: \\"L\\\'eau\\"\n' },
      "acte_nature",
    ],
    ["metadata under another name", { "infos.xml": flux("statut_cpp") }, "chorus_fact"],
    ["Actes root", { "x.xml": `<a:Acte xmlns:a="${ACTES_NS}"/>` }, "acte_nature"],
    ["PES root, whatever its case", { "x.xml": `<n:pes_Acquit xmlns:n="${PES_NS}"/>` }, "helios"],
    ["pivot root", { "PivotS.xml": "<CPPFactureMixte/>" }, "chorus_fact"],
    ["metadata of no type, PES root", { "metadata.xml": flux("x"), "p.xml": pes("") }, "helios"],
  ];
  for (const [label, files, type] of cases) {
    await t.step(label, () => openFiles(files, (envelope) => assert.equal(envelope.type, type)));
  }
});

Deno.test("openEnvelope() takes the configured keys for the type", async () => {
  const keys = { acte_nature: "nature", helios: "compta", chorus_fact: "achat" };
  await openFiles(
    { "metadata.json": '{"achat":"1"}' },
    (envelope) => assert.equal(envelope.type, "chorus_fact"),
    { keys },
  );
  await assert.rejects(
    openFiles({ "metadata.json": '{"acte_nature":"1"}' }, () => {}, { keys }),
    EnvelopeError,
  );
});

Deno.test("openEnvelope() reads the flux type of an input manifest", async () => {
  await openFiles(
    { "manifest.xml": `<flux type='actes-automatique'><data name="acte_nature" value="2"/></flux>` },
    (envelope) => {
      assert.equal(envelope.flux, "actes-automatique");
      assert.equal(envelope.fields.nature_libelle, "Actes réglementaires");
    },
  );
});

Deno.test("openEnvelope() finds listed files under the names that Pastell writes, and warns about missing ones", async () => {
  const listed = ["Délib 1/2.pdf", "E\u0301te\u0301.pdf", "Été à la mer.pdf", "absent.pdf"];
  await openFiles({
    "metadata.json": JSON.stringify({ acte_nature: "1", arrete: listed }),
    "Délib 1-2.pdf": "1",
    "Été.pdf": "2",
    "Ete_a_la_mer.pdf": "3",
  }, (envelope) => {
    const acts = envelope.files.filter((file) => file.role === "acte").map((file) => file.name);
    assert.deepEqual(acts.sort(), ["Délib 1-2.pdf", "Ete_a_la_mer.pdf", "Été.pdf"]);
    assert.deepEqual(envelope.warnings, [
      'the metadata list "absent.pdf" under "arrete", which is not there',
    ]);
  });
});

Deno.test("openEnvelope() gives files named by their field their own names back from JSON too", async () => {
  await openFiles({
    "metadata.json": JSON.stringify({ acte_nature: "1", arrete: ["D.pdf"], signature: ["D.pdf"] }),
    "abc1234.yml_arrete_0": "1",
    "abc1234.yml_signature_0": "2",
  }, async (envelope, into) => {
    const roles = Object.fromEntries(envelope.files.map((file) => [file.role, file.name]));
    assert.equal(await Deno.readTextFile(join(into, roles.acte ?? "")), "1");
    assert.equal(await Deno.readTextFile(join(into, roles.signature ?? "")), "2");
    assert.deepEqual([roles.acte, roles.signature], ["D.pdf", "D (2).pdf"]);
  });
});

Deno.test("openEnvelope() reads a list of types once, however often the metadata name it", async () => {
  const metadata = {
    acte_nature: "1",
    arrete: ["99_DE-D.pdf"],
    autre_document_attache: ["Annexe été.pdf"],
    type_piece_fichier: ["types.json", "types.json", "types.json"],
  };
  const files = {
    "metadata.json": JSON.stringify(metadata),
    "99_DE-D.pdf": "%PDF",
    ["Annexe été.pdf".normalize("NFD")]: "%PDF a",
    "types.json": "{",
  };
  await openFiles(files, async (envelope, into) => {
    assert.deepEqual(envelope.warnings, ['the types of pieces in "types.json" cannot be read']);
    const { fields } = JSON.parse(await Deno.readTextFile(join(into, "metadata.json")));
    assert.deepEqual(fields.annexes, [{ nom: "Annexe été.pdf", fichier: "Annexe été.pdf" }]);
  });
});

Deno.test("openEnvelope() leaves end markers out and keeps an unknown file", async () => {
  await openFiles({
    "pes.xml": pes(""),
    "fichier_termine.txt": "x",
    "Transfert_Termine.txt": "",
    "x.ocre": "o",
  }, (envelope) => {
    assert.deepEqual(envelope.files.map((file) => [file.name, file.role]), [
      ["pes.xml", "pes"],
      ["x.ocre", "autre"],
      ["metadata.json", "metadonnees"],
    ]);
  });
});

Deno.test("openEnvelope() opens a lone XML file in Latin-1", async () => {
  await using space = await workspace();
  const path = join(space.root, "PESALR2.xml");
  const text = pes("", "ISO-8859-1").replace('<IdColl V="1"/>', '<LibelleColBud V="\u00c9t\u00e9"/>');
  await Deno.writeFile(path, Uint8Array.from(text, (character) => character.charCodeAt(0)));
  const envelope = await openEnvelope(path, { into: space.into });
  assert.equal(envelope.name, "PESALR2");
  assert.equal(envelope.fields.libelle_budget, "Été");
});

Deno.test("openEnvelope() extracts attachments of a PES: gzip, raw, named by magic, and warns about the rest", async () => {
  const pdf = new TextEncoder().encode("%PDF-1.4 contenu");
  const wrapped = gzipSync(pdf).toString("base64").replace(/(.{10})/g, "$1\r\n");
  await openFiles({
    "pes.xml": pes(
      pj(wrapped, "a.pdf") + pj(wrapped, "a.pdf") + pj(pdf.toBase64(), "../b.pdf") + pj(pdf.toBase64(), "") +
        pj("", "vide.pdf") + pj("ceci n'est pas !", "texte.pdf"),
    ),
  }, async (envelope, into) => {
    const names = envelope.files.filter((file) => file.role === "piece_jointe").map((file) => file.name);
    assert.deepEqual(names, ["a.pdf", "..-b.pdf", "ID1.pdf"]);
    for (const name of names) assert.deepEqual(await Deno.readFile(join(into, name)), pdf);
    assert.deepEqual(envelope.warnings, [
      'the attachment "vide.pdf" of "pes.xml" is empty',
      'the attachment "texte.pdf" of "pes.xml" is not base64',
    ]);
  });
});

Deno.test("openEnvelope() extracts a PES attachment larger than any buffer, in constant pieces", async () => {
  const content = new Uint8Array(3_000_000).map((_, index) => (index * index) % 251);
  await openFiles({ "pes.xml": pes(pj(content.toBase64(), "grand.bin")) }, async (envelope, into) => {
    assert.equal(envelope.files.find((file) => file.name === "grand.bin")?.sizeBytes, content.length);
    assert.deepEqual(await Deno.readFile(join(into, "grand.bin")), content);
  });
});

Deno.test("openEnvelope() unwraps Chorus attachments from their zip, but not a zip that was attached", async () => {
  const [one, two] = ["1", "2"].map((text) => new TextEncoder().encode(text));
  assert(one && two);
  await openFiles({
    "pivot.xml": pivot(
      facturePj(zipSync({ "FAC1.pdf": one }), "FAC1.pdf ", "01") +
        facturePj(zipSync({ "x.txt": two }), "archive.zip") +
        facturePj(zipSync({ "[Content_Types].xml": one, "word.xml": two }), "b.docx") +
        facturePj(two, "brut.txt") +
        facturePj(one, "brut.txt"),
    ),
  }, async (envelope, into) => {
    assert.deepEqual(
      envelope.files.filter((file) => !/xml$|json$/.test(file.name)).map((file) => [file.name, file.role]),
      [["FAC1.pdf", "facture"], ["archive.zip", "piece_jointe"], ["b.docx", "piece_jointe"], [
        "brut.txt",
        "piece_jointe",
      ], ["brut (2).txt", "piece_jointe"]],
    );
    assert.equal(await Deno.readTextFile(join(into, "FAC1.pdf")), "1");
  });
});

Deno.test("openEnvelope() tells an acquit that refuses from one that accepts", async (t) => {
  const acquit = (elements: string) => `<PES_ACQUIT><ACQUIT>${elements}</ACQUIT></PES_ACQUIT>`;
  const element = (etat: string) => `<ElementACQUIT><EtatAck V="${etat}"/></ElementACQUIT>`;
  const cases: [string, string, string][] = [
    ["all accepted", acquit(element("1") + element("1")), "OK"],
    ["one refused", acquit(element("1") + element("0")), "KO"],
    ["no element", acquit(""), "OK"],
    ["PES_NonAcquit", "<PES_NonAcquit/>", "KO"],
  ];
  for (const [label, xml, etat] of cases) {
    await t.step(
      label,
      () => openFiles({ "a.xml": xml }, ({ fields }) => assert.equal(fields.etat_acquit, etat)),
    );
  }
});

Deno.test("openEnvelope() refuses what is damaged or hostile, with a reason", async (t) => {
  const dtd = `<!DOCTYPE x [<!ENTITY a "b">]><n:PES_Aller xmlns:n="${PES_NS}"/>`;
  const cases: [string, Record<string, string | Uint8Array>, RegExp][] = [
    ["nothing in it", { "fichier_termine.txt": "" }, /no file in it/],
    ["no known type", { "a.pdf": "%PDF" }, /acte_nature, helios, chorus_fact/],
    ["DTD", { "a.xml": dtd }, /"a.xml": it has a DTD/],
    [
      "DTD behind metadata",
      { "metadata.json": '{"fichier_pes":["a.xml"]}', "a.xml": dtd },
      /"a.xml": it has a DTD/,
    ],
    ["message cut short", { "a.xml": pes("").slice(0, -20) }, /"a.xml": it is not well-formed/],
    [
      "bytes not of the encoding",
      { "a.xml": Uint8Array.of(0x3c, 0x61, 0x3e, 0xe9, 0x3c, 0x2f, 0x61, 0x3e) },
      /not utf-8/,
    ],
    ["unknown encoding", { "a.xml": '<?xml version="1.0" encoding="ebcdic"?><a/>' }, /encoding "ebcdic"/],
    ["metadata no JSON", { "metadata.json": '{"secret":' }, /"metadata.json": not valid JSON$/],
    ["metadata of another shape", { "metadata.json": '{"a":{"b":1}}' }, /neither text nor a list/],
    ["metadata not flux", { "metadata.xml": "<html/>" }, /root is html/],
    ["metadata no YAML", { "metadata.txt": "acte_nature: &a 1" }, /line 1/],
    ["attachment with damaged gzip", {
      "a.xml": pes(pj(gzipSync("x".repeat(99)).subarray(0, -9).toString("base64"), "p")),
    }, /attachment "p"/],
    [
      "endless text",
      { "a.xml": `<n:PES_Aller xmlns:n="${PES_NS}">${"x".repeat(5_000_000)}</n:PES_Aller>` },
      /longer than/,
    ],
    ["nested without end", { "a.xml": `<PES_Aller>${"<a>".repeat(200)}` }, /nested more than/],
  ];
  for (const [label, files, reason] of cases) {
    await t.step(label, () =>
      assert.rejects(openFiles(files, () => {}), (error: unknown) => {
        assert(error instanceof EnvelopeError, String(error));
        assert.match(error.message, reason);
        return true;
      }));
  }
});

Deno.test({
  name: "openEnvelope() refuses links in a directory",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using space = await workspace();
    const path = join(space.root, "depot");
    await Deno.mkdir(path);
    await Deno.symlink("/etc/hostname", join(path, "metadata.xml"));
    await assert.rejects(openEnvelope(path, { into: space.into }), /"metadata.xml": a link or device/);
  },
});
