/** What is found in a mail, and what keeps it from being taken apart; the decoder. */
import type { Catalogue } from "./translator.ts";

/** The sentences of this area. */
export const MAIL: Catalogue = {
  "a uuencoded file in its text ends too early": "un fichier en uuencode dans son texte finit trop tôt",
  "mails in winmail.dat are nested more than {0} deep":
    "les courriels de winmail.dat sont imbriqués à plus de {0} niveaux",
  "winmail.dat holds more than {0} files": "winmail.dat contient plus de {0} fichiers",
  "winmail.dat does not begin like one": "winmail.dat n’en a pas le début",
  "winmail.dat is damaged": "winmail.dat est abîmé",
  "winmail.dat has a wrong checksum": "winmail.dat a une somme de contrôle fausse",
  "it is a link in winmail.dat, without content": "c’est un lien dans winmail.dat, sans contenu",
  "winmail.dat ends too early": "winmail.dat finit trop tôt",
  "base64 goes on after its end": "le base64 continue après sa fin",
  "base64 contains what is no base64": "le base64 contient ce qui n’en est pas",
  "base64 ends too early": "le base64 finit trop tôt",
  "quoted-printable ends too early": "le quoted-printable finit trop tôt",
  "Cannot take the mail apart: {0}": "Impossible de démonter le courriel : {0}",
  "it has more than {0} octets (documents.max_mail_size), and more than announced":
    "il a plus de {0} octets (documents.max_mail_size), et plus qu’annoncé",
  "Cannot take the mail apart: it takes more than {0} s (documents.max_mail_time)":
    "Impossible de démonter le courriel : cela prend plus de {0} s (documents.max_mail_time)",
  "it has no document, and the launcher says without = quarantine":
    "il ne contient aucun document, et le lanceur dit without = quarantine",
  "Cannot look for an invoice in the PDF: it is {0}":
    "Impossible de chercher une facture dans le PDF : il est {0?}",
  "uuencode ends too early": "l’uuencode finit trop tôt",
  "uuencode contains what is no uuencode": "l’uuencode contient ce qui n’en est pas",
  "a signed part of it (S/MIME) ends too early": "une partie signée (S/MIME) finit trop tôt",
  "a signed part of it (S/MIME) has no content": "une partie signée (S/MIME) n’a pas de contenu",
  "a signed part of it (S/MIME) is damaged": "une partie signée (S/MIME) est abîmée",
  "an image within the text (documents.inline_images)": "une image dans le texte (documents.inline_images)",
  "an image below {0} octets (documents.min_image_size)":
    "une image de moins de {0} octets (documents.min_image_size)",
  "it is one piece of a mail that was sent in several": "c’est un morceau d’un courriel envoyé en plusieurs",
  "encrypted (OpenPGP)": "chiffrée (OpenPGP)",
  "a document in it has a transfer encoding that is not known":
    "un document y a un codage de transfert inconnu",
  'a part of it is {0} and cannot be opened here; with signed = "keep" under [documents] it is delivered as it is':
    'une partie en est {0} et ne peut être ouverte ici ; avec signed = "keep" sous [documents] elle est livrée telle quelle',
  "a multipart within it has no end boundary": "une partie multiple (multipart) n’a pas de délimiteur de fin",
  "the headers of a part have a line that is no header":
    "les en-têtes d’une partie ont une ligne qui n’en est pas une",
  "it ends before its end boundary": "il finit avant son délimiteur de fin",
  "it has more than {0} parts": "il a plus de {0} parties",
  "it has more than {0} documents": "il a plus de {0} documents",
  "a multipart has no boundary parameter": "une partie multiple (multipart) n’a pas de paramètre boundary",
  "a boundary is longer than {0} octets": "un délimiteur dépasse {0} octets",
  "it ends within the headers of a part": "il finit dans les en-têtes d’une partie",
  "its parts are nested more than {0} deep": "ses parties sont imbriquées à plus de {0} niveaux",
  "a header block is longer than {0} octets": "un bloc d’en-têtes dépasse {0} octets",
  "the signature of the mail": "la signature du courriel",
  "a control part of the mail": "une partie de contrôle du courriel",
  "a mail returned by a report": "un courriel renvoyé par un rapport",
  "a link to a file that is elsewhere": "un lien vers un fichier qui est ailleurs",
  "winmail.dat holds a property of no known type": "winmail.dat contient une propriété de type inconnu",
  "winmail.dat has properties that end too early": "winmail.dat a des propriétés qui finissent trop tôt",
  "it said nothing": "il n’a rien dit",
  "Cannot start the decoder: {0}": "Impossible de démarrer le décodeur : {0}",
  "Cannot open an attachment: it has more than {0} octets":
    "Impossible d’ouvrir une pièce jointe : elle a plus de {0} octets",
  "a file of the operating system": "un fichier du système d’exploitation",
  "Cannot decode: the decoder was stopped": "Impossible de décoder : le décodeur a été arrêté",
  'Cannot decode "{0}": {1}': "Impossible de décoder « {0} » : {1}",
  "it takes more than {0} s, too large or damaged": "cela prend plus de {0} s : il est trop gros ou abîmé",
  "it takes more than {0} MB of memory, too large or damaged":
    "cela demande plus de {0} Mo de mémoire : il est trop gros ou abîmé",
  "the folder that it is in, or is unpacked to, does not answer":
    "le dossier où il se trouve, ou celui où il est décompressé, ne répond pas",
  "the decoder had ended": "le décodeur s’était arrêté",
  "the decoder crashed on it, damaged or hostile": "le décodeur s’est arrêté net : il est abîmé ou hostile",
  "Cannot open an attachment: too many files come out of the mail":
    "Impossible d’ouvrir une pièce jointe : il sort trop de fichiers du courriel",
  "Cannot open an attachment: more comes out of the mail than documents.max_opened_size allows":
    "Impossible d’ouvrir une pièce jointe : il sort du courriel plus que documents.max_opened_size ne permet",
  "the decoder failed on it": "le décodeur n’y est pas parvenu",
  "the decoder failed on it ({0})": "le décodeur n’y est pas parvenu ({0})",
  "encrypted (S/MIME)": "chiffrée (S/MIME)",
  "compressed (S/MIME)": "compressée (S/MIME)",
};
