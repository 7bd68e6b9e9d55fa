import assert from "node:assert/strict";
import { join } from "node:path";
import { PDFDocument } from "@cantoo/pdf-lib";
import { messagesOf } from "../../test/fixtures/envelopes/messages.ts";
import { readMetadata } from "../../test/metadata_schema.ts";
import { TempFolder } from "../../test/servers/temp_folder.ts";
import { createDecoder } from "../decoder/client.ts";

const CII = `<?xml version="1.0"?><rsm:CrossIndustryInvoice xmlns:rsm="urn:x" xmlns:ram="urn:y">
  <rsm:ExchangedDocument><ram:ID>F-7</ram:ID><ram:TypeCode>380</ram:TypeCode></rsm:ExchangedDocument>
  <rsm:SupplyChainTradeTransaction><ram:ApplicableHeaderTradeSettlement>
    <ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:GrandTotalAmount>12.00</ram:GrandTotalAmount>
    </ram:SpecifiedTradeSettlementHeaderMonetarySummation></ram:ApplicableHeaderTradeSettlement>
  </rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>`;

async function facturx(xml: string): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  pdf.addPage();
  await pdf.attach(new TextEncoder().encode(xml), "factur-x.xml", { mimeType: "text/xml" });
  return await pdf.save();
}

/** What is told of an invoice that Pastell has laid down, decoded as the gateway does. */
async function invoiceOf(pdf: Uint8Array): Promise<Record<string, unknown> | undefined> {
  await using folder = await TempFolder.make();
  await folder.write("in/F-7/metadata.json", '{"facture_pj_01":["F-7.pdf"]}');
  await folder.write("in/F-7/F-7.pdf", pdf);
  await Deno.mkdir(folder.at("out"));
  await using decoder = createDecoder({ read: [folder.at("in")], write: [folder.at("out")] });
  await decoder.decode(folder.at("in/F-7"), { into: folder.at("out") });
  const { files } = await readMetadata(folder.at("out"));
  assert.deepEqual(await folder.list("out"), ["F-7.pdf", "metadata.json", "source-metadata.json"]);
  return files.find(({ name }: { name: string }) => name === "F-7.pdf").fields?.facture;
}

Deno.test("a Factur-X invoice is told from a PDF, with the figures of the XML inside", async () => {
  assert.deepEqual(await invoiceOf(await facturx(CII)), {
    format: { code: "facturx", libelle: "Factur-X" },
    numero: "F-7",
    type_facture: { code: "380", libelle: "Facture" },
    montant_ttc: "12.00",
  });
});

Deno.test("an invoice that is damaged is an attachment all the same", async (t) => {
  const pdf = { format: { code: "pdf", libelle: "PDF" } };
  const cases: [string, Uint8Array, unknown][] = [
    ["XML cut short", await facturx(CII.slice(0, -10)), { format: { code: "facturx", libelle: "Factur-X" } }],
    ["XML that is no invoice", await facturx("<a/>"), { format: { code: "facturx", libelle: "Factur-X" } }],
    ["a PDF that only says that it holds files", new TextEncoder().encode("%PDF-1.7 /EmbeddedFiles"), pdf],
    ["a PDF cut short", (await facturx(CII)).subarray(0, 700), pdf],
  ];
  for (const [label, content, expected] of cases) {
    await t.step(label, async () => assert.deepEqual(await invoiceOf(content), expected));
  }
});

Deno.test("every format of invoice is among the fixtures", async () => {
  const formats = new Set<string>();
  for (const { expectedPath } of await messagesOf("chorus")) {
    const { fields } = JSON.parse(await Deno.readTextFile(join(expectedPath)));
    for (const { pieces = [] } of fields.factures) {
      for (const { facture } of pieces) if (facture) formats.add(facture.format.code);
    }
  }
  assert.deepEqual([...formats].sort(), ["cii", "pdf", "pes_facture", "ubl"]);
});
