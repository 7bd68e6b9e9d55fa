/** Makes PES files of any size: one payment order, and attachments until the size is reached. */

const HEAD = `<?xml version="1.0" encoding="ISO-8859-1"?>
<n:PES_Aller xmlns:n="http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller" Id="PES2024000001">
<Enveloppe><Parametres><Version V="2"/><TypFic V="PESALR2"/><NomFic V="PESALR2_LARGE"/></Parametres><Emetteur><Sigle V="EDITEUR"/></Emetteur></Enveloppe>
<EnTetePES><DteStr V="2024-03-12"/><IdPost V="034001"/><IdColl V="12345678900012"/><CodCol V="123"/><CodBud V="00"/></EnTetePES>
<PES_PJ><EnTetePES_PJ><IdVer V="1"/></EnTetePES_PJ>`;
const TAIL = "</PES_PJ></n:PES_Aller>\n";
const ATTACHMENT_BYTES = 3 * 1024 * 1024;

/** Writes a PES of at least `bytes` bytes. */
export async function writeLargePes(path: string, bytes: number): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  const content = new Uint8Array(ATTACHMENT_BYTES);
  for (let at = 0; at < content.length; at += 65_536) {
    crypto.getRandomValues(content.subarray(at, Math.min(at + 65_536, content.length)));
  }
  content.set(new TextEncoder().encode("%PDF-1.7\n"));
  const text = content.toBase64();
  const write = async (part: string) => {
    const encoded = new TextEncoder().encode(part);
    for (let written = 0; written < encoded.length;) written += await file.write(encoded.subarray(written));
    return encoded.length;
  };
  let size = await write(HEAD);
  for (let number = 1; size < bytes; number++) {
    size += await write(
      `<PJ><Contenu><Fichier MIMEType="application/pdf">${text}</Fichier></Contenu><IdUnique V="ID${number}"/>` +
        `<NomPJ V="F-${number}.pdf"/><TypePJ V="003"/><Description V="Facture ${number}"/></PJ>`,
    );
  }
  await write(TAIL);
}
