/** What waits in the demo's two mailboxes: the mails of a town hall that does not exist. */
import { Buffer } from "node:buffer";
import { base64, multipart, octets, part, quotedPrintable, utf8 } from "../fixtures/mails/build.ts";
import { makePdf } from "./pdf.ts";

/** A file in a mail. */
export interface DemoDocument {
  readonly name: string;
  readonly content: Uint8Array<ArrayBuffer>;
  /** Header lines that carry the name, written as some mail program does. */
  readonly disposition: readonly string[];
}

/** A mail before it is written out. */
export interface DemoMail {
  readonly from: string;
  readonly subject: string;
  readonly documents: readonly DemoDocument[];
}

/** In the mailbox that is read over POP3, through the tunnel. */
export const invoiceMails: readonly DemoMail[] = [
  {
    from: "compta@electricite.example",
    subject: "Facture n° 2026-041",
    documents: [
      extended("Facture n° 2026-041 Électricité.pdf", ["Facture n° 2026-041", "Électricité : 412,50 EUR"]),
      thumbs(),
    ],
  },
  {
    from: "contact@assurance.example",
    subject: "Attestation d'assurance",
    documents: [encoded("Attestation d'assurance été 2026.pdf", ["Attestation d'assurance", "Été 2026"])],
  },
  { from: "maire@mairie.example", subject: "Réunion de jeudi à 14 h", documents: [] },
  { from: "voirie@mairie.example", subject: "Photos du chantier", documents: [thumbs()] },
];

/** In the mailbox that is read over IMAP; two scans have the same name, as copiers send them. */
export const letterMails: readonly DemoMail[] = [
  {
    from: "secretariat@mairie.example",
    subject: "Délibération du conseil",
    documents: [continued("Délibération n° 17 signée.pdf", ["Délibération n° 17", "Adoptée à l'unanimité"])],
  },
  {
    from: "copieur@mairie.example",
    subject: "Numérisation du copieur",
    documents: [plain("SCN_0001.pdf", ["Courrier du 3 mars"])],
  },
  {
    from: "copieur@mairie.example",
    subject: "Numérisation du copieur (2)",
    documents: [plain("SCN_0001.pdf", ["Courrier du 4 mars"])],
  },
];

/** The mail as it lies on the server. */
export function writeMail({ from, subject, documents }: DemoMail, date: Date): Uint8Array<ArrayBuffer> {
  const text = part(
    ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable"],
    quotedPrintable(utf8(`Bonjour,\r\n${subject}\r\nCordialement`)),
  );
  const files = documents.map(({ disposition, content }) =>
    part(
      [...disposition, "Content-Transfer-Encoding: base64"],
      base64(Buffer.from(content).toString("latin1")),
    )
  );
  return octets(multipart([text, ...files], "mixed", [
    `From: <${from}>`,
    "To: <ged@mairie.example>",
    `Subject: ${encodedWord(subject)}`,
    `Date: ${date.toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <${crypto.randomUUID()}@mairie.example>`,
    "MIME-Version: 1.0",
  ]));
}

/** RFC 2231: octets in percent form, with their charset. */
function extended(name: string, lines: readonly string[]): DemoDocument {
  return pdf(name, lines, [`Content-Disposition: attachment; filename*=UTF-8''${percent(name, "utf8")}`]);
}

/** RFC 2231, 4.1: a long name in numbered pieces, here in Latin-1. */
function continued(name: string, lines: readonly string[]): DemoDocument {
  const pieces = (name.match(/.{1,12}/g) ?? []).map((piece) => percent(piece, "latin1"));
  const parameters = pieces.map((piece, n) => ` filename*${n}*=${n === 0 ? "iso-8859-1'fr'" : ""}${piece}`);
  return pdf(name, lines, ["Content-Disposition: attachment;", parameters.join(";\r\n")]);
}

/** RFC 2047 words within quotes: forbidden there, and what Outlook writes. */
function encoded(name: string, lines: readonly string[]): DemoDocument {
  return pdf(name, lines, [`Content-Disposition: attachment; filename="${encodedWord(name)}"`]);
}

function plain(name: string, lines: readonly string[]): DemoDocument {
  return pdf(name, lines, [`Content-Disposition: attachment; filename="${name}"`]);
}

function pdf(name: string, lines: readonly string[], disposition: readonly string[]): DemoDocument {
  return { name, content: makePdf(lines), disposition: ["Content-Type: application/pdf", ...disposition] };
}

/** What Windows leaves in folders of pictures, and people attach unawares. */
function thumbs(): DemoDocument {
  return {
    name: "Thumbs.db",
    content: octets(`\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1${"\0".repeat(504)}`),
    disposition: [
      "Content-Type: application/octet-stream",
      'Content-Disposition: attachment; filename="Thumbs.db"',
    ],
  };
}

function encodedWord(text: string): string {
  return `=?UTF-8?B?${Buffer.from(text, "utf8").toString("base64")}?=`;
}

/** All octets but letters and digits in percent form: what is left has no meaning in a parameter. */
function percent(text: string, charset: "utf8" | "latin1"): string {
  return Buffer.from(text, charset).toString("latin1").replace(
    /[^A-Za-z0-9]/g,
    (octet) => `%${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}
