/** Makes PES files of any size, of the two kinds that take time: full of attachments, or full of pièces. */
import { gzipSync } from "node:zlib";

/** What a large PES is full of. */
export type PesFilling = "attachments" | "pièces";

const HEAD = `<?xml version="1.0" encoding="ISO-8859-1"?>
<n:PES_Aller xmlns:n="http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller" Id="PES2024000001">
<Enveloppe><Parametres><Version V="2"/><TypFic V="PESALR2"/><NomFic V="PESALR2_LARGE"/></Parametres><Emetteur><Sigle V="EDITEUR"/></Emetteur></Enveloppe>
<EnTetePES><DteStr V="2024-03-12"/><IdPost V="034001"/><IdColl V="12345678900012"/><CodCol V="123"/><CodBud V="00"/></EnTetePES>
<PES_DepenseAller><EnTeteDepense><IdVer V="2"/></EnTeteDepense>
<Bordereau Id="B1"><BlocBordereau><Exer V="2024"/><IdBord V="1"/><DteBordEm V="2024-03-12"/><TypBord V="01"/><NbrPce V="1"/><MtBordHT V="120.00"/></BlocBordereau>
`;
const BETWEEN = `</Bordereau></PES_DepenseAller>\n<PES_PJ><EnTetePES_PJ><IdVer V="1"/></EnTetePES_PJ>\n`;
const TAIL = "</PES_PJ></n:PES_Aller>\n";
/** Of attachments before they are packed: scanned invoices, and what comes out of a program. */
const SIZES = [20_000, 60_000, 180_000, 400_000, 1_000_000, 4_000_000];
/** How many pièces refer to attachments in a PES that is full of these. */
const REFERRING = 1000;

/** Writes a PES of at least `bytes` bytes. */
export async function writeLargePes(
  path: string,
  bytes: number,
  filling: PesFilling = "attachments",
): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  let size = 0;
  const write = async (part: string) => {
    const encoded = new TextEncoder().encode(part);
    for (let written = 0; written < encoded.length;) written += await file.write(encoded.subarray(written));
    size += encoded.length;
  };
  await write(HEAD);
  if (filling === "pièces") {
    for (let number = 1; size < bytes;) {
      await write(Array.from({ length: 500 }, () => piece(number++)).join(""));
    }
    await write(BETWEEN);
  } else {
    await write(Array.from({ length: REFERRING }, (_, n) => piece(n + 1)).join(""));
    await write(BETWEEN);
    const texts = SIZES.map((length) => gzipSync(document(length), { level: 6 }).toString("base64"));
    for (let number = 1; size < bytes; number++) {
      await write(
        `<PJ><Contenu><Fichier MIMEType="application/pdf">${
          texts[number % texts.length]
        }</Fichier></Contenu>` +
          `<IdUnique V="ID${number}"/><NomPJ V="F-${number}.pdf"/><TypePJ V="003"/><Description V="Facture ${number}"/></PJ>\n`,
      );
    }
  }
  await write(TAIL);
}

function piece(number: number): string {
  return `<Piece><BlocPiece><InfoPce><IdPce V="${number}"/><TypPce V="01"/><NatPce V="01"/><Obj V="Fournitures"/>` +
    `<PJRef><Support V="01"/><IdUnique V="ID${number}"/><NomPJ V="F-${number}.pdf"/></PJRef></InfoPce></BlocPiece>\n` +
    ` <LigneDePiece><BlocLignePiece><InfoLignePce><IdLigne V="1"/><Nature V="6067"/><Facture V="F-${number}"/><TVAIntraCom V="0"/><MtHT V="120.00"/></InfoLignePce></BlocLignePiece>\n` +
    `  <Tiers><InfoTiers><IdTiers V="98765432100011"/><NatIdTiers V="01"/><RefTiers V="T1"/><CatTiers V="60"/><NatJur V="03"/><Nom V="PAPETERIE DUPONT"/></InfoTiers></Tiers></LigneDePiece></Piece>\n`;
}

/** Mostly packed already, as a PDF is, with some text that is not. */
function document(length: number): Uint8Array {
  const content = new Uint8Array(length).fill(32);
  for (let at = 0; at < length; at += 10_000) {
    crypto.getRandomValues(content.subarray(at, Math.min(at + 9000, length)));
  }
  content.set(new TextEncoder().encode("%PDF-1.7\n"));
  return content;
}
