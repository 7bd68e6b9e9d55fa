import assert from "node:assert/strict";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { zipSync } from "fflate";
import { assertSameAsXml, readMetadata } from "../../test/metadata_schema.ts";
import { EnvelopeError } from "../errors.ts";
import { openEnvelope } from "./mod.ts";

const NS = "http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller";
const PDF = new TextEncoder().encode("%PDF-1.7 contenu");

/** Opens an envelope of these files; `check` gets `metadata.json` and the directory. */
async function open(
  files: Readonly<Record<string, string | Uint8Array>>,
  // deno-lint-ignore no-explicit-any
  check: (metadata: any, into: string) => void | Promise<void>,
  options: { readonly personalData?: boolean; readonly maxFiles?: number; readonly xml?: boolean } = {},
): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    const [depot, into] = [join(root, "depot"), join(root, "out")];
    for (const path of [depot, into]) await Deno.mkdir(path);
    for (const [name, content] of Object.entries(files)) {
      if (typeof content === "string") await Deno.writeTextFile(join(depot, name), content);
      else await Deno.writeFile(join(depot, name), content);
    }
    await openEnvelope(depot, { into, ...options });
    await check(await readMetadata(into), into);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function refuses(content: string | Uint8Array, reason: RegExp): Promise<void> {
  await assert.rejects(open({ "a.xml": content }, () => {}), (error: unknown) => {
    assert(error instanceof EnvelopeError, String(error));
    assert.match(error.message, reason);
    return true;
  });
}

function pes(nomFichier: string, content: string, encoding = "UTF-8"): string {
  return `<?xml version="1.0" encoding="${encoding}"?><n:PES_Aller xmlns:n="${NS}"><Enveloppe><Parametres>` +
    `<NomFic V="${nomFichier}"/></Parametres></Enveloppe>${content}</n:PES_Aller>`;
}

function depense(pieces: string, numero = "1"): string {
  return `<PES_DepenseAller><Bordereau><BlocBordereau><Exer V="2024"/><IdBord V="${numero}"/></BlocBordereau>` +
    `${pieces}</Bordereau></PES_DepenseAller>`;
}

function piece(numero: number, pj = "", tiers = ""): string {
  return `<Piece><BlocPiece><InfoPce><IdPce V="${numero}"/>${pj}</InfoPce></BlocPiece>` +
    `<LigneDePiece><BlocLignePiece><InfoLignePce><IdLigne V="1"/></InfoLignePce></BlocLignePiece>${tiers}</LigneDePiece></Piece>`;
}

function pjRef(id: string): string {
  return `<PJRef><Support V="01"/><IdUnique V="${id}"/></PJRef>`;
}

function pj(id: string, content: Uint8Array | string = gzipSync(PDF), name = `${id}.pdf`): string {
  const text = typeof content === "string" ? content : content.toBase64();
  return `<PJ><Contenu><Fichier MIMEType="x">${text}</Fichier></Contenu><IdUnique V="${id}"/><NomPJ V="${name}"/></PJ>`;
}

function pesPj(...pjs: readonly string[]): string {
  return `<PES_PJ>${pjs.join("")}</PES_PJ>`;
}

/** What refers to the file called `name`. */
// deno-lint-ignore no-explicit-any
function piecesOf(metadata: any, name: string): unknown {
  return metadata.files.find((file: { name: string }) => file.name === name).fields.pieces;
}

Deno.test("an attachment is joined to its pièces by IdUnique, also when it came in another message", async () => {
  await open({
    "z.xml": pes(
      "MANDATS",
      depense(piece(42, pjRef("A") + pjRef("B")) + piece(43, pjRef("A") + pjRef("C")), "7"),
    ),
    "a.xml": pes("PJ", pesPj(pj("A"), pj("B", gzipSync("B")))),
  }, (metadata) => {
    const place = { sens: "depense", exercice: "2024", bordereau: "7" };
    assert.deepEqual(piecesOf(metadata, "A.pdf"), [{ ...place, piece: "42" }, { ...place, piece: "43" }]);
    assert.deepEqual(piecesOf(metadata, "B.pdf"), [{ ...place, piece: "42" }]);
    assert.deepEqual(metadata.fields.ids_pj_absentes, ["C"]);
    assert.deepEqual(metadata.warnings, []);
  });
});

Deno.test("what refers to an attachment names its file, though that comes later, in metadata.xml too", async () => {
  const paper = '<PJRef><Support V="02"/><IdUnique V="A"/></PJRef>';
  const many = Array.from({ length: 2000 }, (_, n) => piece(n, pjRef(`é&${n}`)));
  const content = depense(
    [piece(9999, pjRef("A") + pjRef("C") + paper), ...many].join("").replaceAll("&", "&amp;"),
  );
  const attachments = [
    pj("A"),
    ...[0, 1999].map((n) => pj(`é&amp;${n}`, gzipSync(`${n}`), `f &amp; ${n}.pdf`)),
  ];
  await open({ "a.xml": pes("X", content + pesPj(...attachments)) }, async ({ fields }, into) => {
    const { pieces } = fields.bordereaux[0];
    const filesOf = (index: number) =>
      pieces.at(index).pj.map(({ fichier }: { fichier?: string }) => fichier);
    assert.deepEqual(filesOf(0), ["A.pdf", undefined, undefined]);
    assert.deepEqual([filesOf(1), filesOf(2), filesOf(-1)], [["f & 0.pdf"], [undefined], ["f & 1999.pdf"]]);
    await assertSameAsXml(into);
  }, { xml: true });
});

Deno.test("an attachment that came twice is one file, joined to the pièces of both", async () => {
  await open({
    "a.xml": pes(
      "X",
      depense(piece(1, pjRef("A")) + piece(2, pjRef("B"))) +
        pesPj(pj("A", gzipSync(PDF), "f.pdf"), pj("B", PDF, "f.pdf")),
    ),
  }, (metadata) => {
    assert.deepEqual(metadata.files.map(({ name }: { name: string }) => name), ["a.xml", "f.pdf"]);
    assert.equal((piecesOf(metadata, "f.pdf") as unknown[]).length, 2);
  });
});

Deno.test("the signed copy of a PES adds nothing twice, and another PES adds its bordereaux", async () => {
  const signed = pes("X", depense(piece(1)) + pesPj(pj("A"))).replace(
    "</n:PES_Aller>",
    "<Signature/></n:PES_Aller>",
  );
  await open({
    "a.xml": pes("X", depense(piece(1)) + pesPj(pj("A"))),
    "a_signe.xml": signed,
    "b.xml": pes("Y", depense(piece(9), "2")),
  }, ({ fields, files }) => {
    assert.deepEqual(fields.bordereaux.map(({ fichier }: { fichier: string }) => fichier), [
      "a.xml",
      "b.xml",
    ]);
    assert.deepEqual(fields.numeros_pieces, ["1", "9"]);
    assert.deepEqual(files.map(({ role }: { role: string }) => role), ["pes", "pes", "pes", "piece_jointe"]);
  });
});

Deno.test("personal and bank data are told only to those who ask for them", async () => {
  const secrets = [
    "FR7612345678901234567890123",
    "2990134123456",
    "199123412345678",
    "RUE DES LILAS",
    "DURAND-EXEMPLE",
    "12345678901",
  ];
  const tiers = (id: string, nature: string, rest: string) =>
    `<Tiers><InfoTiers><IdTiers V="${id}"/>${nature && `<NatIdTiers V="${nature}"/>`}${rest}</InfoTiers>` +
    `<Adresse><Adr2 V="RUE DES LILAS"/></Adresse><CpteBancaire><IdCpte V="12345678901"/>` +
    `<IBAN V="FR7612345678901234567890123"/></CpteBancaire></Tiers>`;
  const message = pes(
    "X",
    depense(
      piece(1, "", tiers("2990134123456", "04", '<CatTiers V="01"/><Nom V="DURAND-EXEMPLE"/>')) +
        piece(2, "", tiers("199123412345678", "", '<CatTiers V="60"/><Nom V="SOCIETE"/>')) +
        piece(3, "", tiers("98765432100011", "01", '<CatTiers V="60"/><Nom V="SOCIETE"/>')),
    ),
  );
  await open({ "a.xml": message }, (metadata) => {
    const told = JSON.stringify(metadata);
    for (const secret of secrets) assert(!told.includes(secret), secret);
    assert(told.includes("98765432100011") && told.includes("SOCIETE"));
  });
  await open({ "a.xml": message }, (metadata) => {
    const told = JSON.stringify(metadata);
    for (const secret of secrets) assert(told.includes(secret), secret);
  }, { personalData: true });
});

Deno.test("values that stand in texts instead of attributes are read", async () => {
  await open(
    { "a.xml": pes("X", depense(piece(1)).replace('<Exer V="2024"/>', "<Exer>2023</Exer>")) },
    ({ fields }) => assert.deepEqual(fields.exercices, ["2023"]),
  );
});

Deno.test("an attachment larger than what is held in memory comes out whole, packed or not", async () => {
  const content = new Uint8Array(9_000_000).map((_, index) => (index * index) % 251);
  const lines = content.toBase64().replace(/(.{76})/g, "$1\r\n");
  await open({
    "a.xml": pes("X", pesPj(pj("A", gzipSync(content)), pj("B", lines), pj("C", gzipSync(content)))),
  }, async (
    metadata,
    into,
  ) => {
    for (const name of ["A.pdf", "B.pdf", "C.pdf"]) {
      assert.deepEqual(await Deno.readFile(join(into, name)), content, name);
    }
    assert.deepEqual(metadata.warnings, []);
    const left = await Array.fromAsync(Deno.readDir(into), ({ name }) => name);
    assert.deepEqual(left.sort(), ["A.pdf", "B.pdf", "C.pdf", "a.xml", "metadata.json"]);
  });
});

Deno.test("a million pièces give a metadata.json of bounded size, and attachments are still joined", async () => {
  const many = Array.from({ length: 1000 }, (_, n) => piece(n, pjRef(`R${n}`))).join("");
  const message = pes("X", depense(piece(1, pjRef("A")) + many.repeat(1000)) + pesPj(pj("A")));
  await open({ "a.xml": message }, async (metadata, into) => {
    const { size } = await Deno.stat(join(into, "metadata.json"));
    assert(size < 50_000_000, String(size));
    assert(metadata.fields.bordereaux[0].pieces.length > 10_000);
    assert.deepEqual(piecesOf(metadata, "A.pdf"), [
      { sens: "depense", exercice: "2024", bordereau: "1", piece: "1" },
    ]);
    assert.equal(metadata.warnings.length, 1);
    assert.match(metadata.warnings[0], /"a\.xml" is too long to be told whole: \d+ pièces/);
  });
});

Deno.test("a refusal counts wherever it stands in a long acquit", async () => {
  const accepted = `<ElementACQUIT><DomaineAck V="5"/><EtatAck V="1"/></ElementACQUIT>`;
  const refused = `<ElementACQUIT><EtatAck V="0"/></ElementACQUIT>`;
  const message = `<PES_ACQUIT><ACQUIT>${accepted.repeat(250_000)}${refused}</ACQUIT></PES_ACQUIT>`;
  await open({ "a.xml": message }, ({ fields }) => assert.equal(fields.etat_acquit, "KO"));
});

Deno.test("a hostile or damaged PES is refused with a reason", async (t) => {
  const whole = pes("X", depense(piece(1)) + pesPj(pj("A")));
  const packed = gzipSync(PDF).toBase64();
  const random = crypto.getRandomValues(new Uint8Array(60_000)).toBase64();
  const bomb = gzipSync(new Uint8Array(64 * 1024 ** 2));
  const doubled = gzipSync(gzipSync(new Uint8Array(64 * 1024 ** 2)));
  const cases: [string, string | Uint8Array, RegExp][] = [
    [
      "cut short in an attachment",
      whole.slice(0, whole.indexOf("</Fichier>") - 5),
      /"a\.xml": it is not well-formed/,
    ],
    ["cut short in a pièce", whole.slice(0, whole.indexOf("<IdLigne")), /"a\.xml": it is not well-formed/],
    [
      "Latin-1 that calls itself UTF-8",
      Uint8Array.from(pes("\xe9t\xe9", depense(piece(1))), (each) => each.charCodeAt(0)),
      /its bytes are not utf-8/,
    ],
    ["unknown encoding", pes("X", "", "EBCDIC-FR"), /encoding "EBCDIC-FR" is not known/],
    ["DTD with entities", whole.replace("<n:PES", '<!DOCTYPE x [<!ENTITY a "b">]><n:PES'), /has a DTD/],
    ["entity of no DTD", whole.replace('V="X"', 'V="&secret;"'), /not well-formed/],
    [
      "base64 damaged",
      pes("X", pesPj(pj("A", packed.replace(/.{6}$/, "!$&")))),
      /"A\.pdf": its base64 text is damaged/,
    ],
    [
      "base64 damaged far in",
      pes("X", pesPj(pj("A", `${gzipSync(random).toBase64().slice(0, 50_000)}*`))),
      /its base64 text is damaged/,
    ],
    ["base64 cut short", pes("X", pesPj(pj("A", packed.slice(0, -8)))), /"A\.pdf": .*damaged or cut short/],
    ["gzip bomb", pes("X", pesPj(pj("A", bomb))), /"A\.pdf": .*decompression bomb/],
    ["attachment without end", pes("X", pesPj(pj("A", packed))).replace("</Contenu>", ""), /not well-formed/],
  ];
  for (const [label, content, reason] of cases) await t.step(label, () => refuses(content, reason));
  await t.step(
    "what is packed twice is unpacked once",
    () =>
      open({ "a.xml": pes("X", pesPj(pj("A", doubled, "a.gz"))) }, async (_, into) => {
        assert((await Deno.stat(join(into, "a.gz"))).size < 100_000);
      }),
  );
});

Deno.test("a PES is read or refused, whatever octets change in it", async () => {
  const whole = new TextEncoder().encode(
    pes("X", depense(piece(1, pjRef("A"))) + pesPj(pj("A"), pj("B", PDF)) + "é".repeat(40)),
  );
  const change = fc.record({ at: fc.noBias(fc.nat(whole.length - 1)), octet: fc.noBias(fc.nat(255)) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { minLength: 1, maxLength: 3 }),
      fc.noBias(fc.nat(whole.length)),
      fc.boolean(),
      async (changes, length, isCut) => {
        const bytes = isCut ? whole.slice(0, length) : whole.slice();
        for (const { at, octet } of changes) if (at < bytes.length) bytes[at] = octet;
        await open({ "a.xml": bytes }, () => {}).catch((error) =>
          assert(error instanceof EnvelopeError, String(error))
        );
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("a PES has as many attachments as a real one may have, and no more than it is told", async () => {
  const content = (count: number) =>
    pes(
      "P",
      pesPj(...Array.from({ length: count }, (_, n) => pj(`A${n}`, gzipSync(`%PDF-1.7 ${n}`), "a.pdf"))),
    );
  await open({ "a.xml": content(5100) }, ({ files }) => {
    assert.equal(new Set(files.map(({ name }: { name: string }) => name)).size, 5101);
  });
  await open({ "a.xml": content(9) }, () => {}, { maxFiles: 10 });
  await assert.rejects(open({ "a.xml": content(10) }, () => {}, { maxFiles: 10 }), {
    name: "EnvelopeError",
    message: /"a\.pdf": more than 10 files in one envelope; documents\.max_envelope_files allows more$/,
  });
});

Deno.test("a large attachment without a name is told by its first octets", async () => {
  const xml = `<?xml version="1.0"?><n:PES_Facture xmlns:n="${NS}">${"<a/>".repeat(100_000)}</n:PES_Facture>`;
  await open({
    "a.xml": pes("X", pesPj(pj("F1", gzipSync(xml), ""), pj("F2", gzipSync("x".repeat(500_000)), ""))),
  }, ({ files }) => {
    assert.deepEqual(files.map(({ name }: { name: string }) => name), ["a.xml", "F1.xml", "F2"]);
  });
});

Deno.test("thousands of attachments whose names get into each other's way are told apart in time", async () => {
  const content = (n: number) => new TextEncoder().encode(`%PDF ${n}`);
  const names = (n: number) => n % 2 === 0 ? "a.pdf" : `a (${n}).pdf`;
  const attachments = Array.from({ length: 4000 }, (_, n) => pj(`A${n}`, content(n), names(n)));
  await open({ "a.xml": pes("X", pesPj(...attachments)) }, ({ files }) => assert.equal(files.length, 4001));
});

Deno.test("a zip that is attached as it is and cannot be read stays as it is", async () => {
  const zip = zipSync({ "plan.pdf": PDF });
  const locked = Uint8Array.from(zip);
  // Bit 0 of the flags, in the member's header and in the directory (APPNOTE 4.4.4).
  locked[6] = 1;
  locked[new DataView(zip.buffer).getUint32(zip.length - 6, true) + 8] = 1;
  await open({ "a.xml": pes("X", pesPj(pj("A", locked, "plan.zip"))) }, async ({ files }, into) => {
    assert.deepEqual(files.map(({ name }: { name: string }) => name), ["a.xml", "plan.zip"]);
    assert.deepEqual(await Deno.readFile(join(into, "plan.zip")), locked);
  });
  await refuses(pes("X", pesPj(pj("A", locked, "plan.pdf"))), /"plan\.pdf" is encrypted/);
  await refuses(pes("X", pesPj(pj("A", zip.subarray(0, -5), "plan.zip"))), /no end of directory/);
});

Deno.test("warnings are told as far as anybody reads them", async () => {
  const empty = Array.from({ length: 1500 }, (_, n) => pj(`A${n}`, "", `${"n".repeat(3000)}${n}.pdf`));
  await open({ "a.xml": pes("X", pesPj(...empty)) }, ({ warnings }) => {
    assert.equal(warnings.length, 1001);
    assert.equal(warnings.at(-1), "500 more warnings are not told");
    assert.ok(warnings.every((warning: string) => warning.length <= 2000));
  });
});
