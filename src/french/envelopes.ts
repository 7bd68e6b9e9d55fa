/** What is wrong with an envelope, its archive or its XML. */
import type { Catalogue } from "./translator.ts";

/** The sentences of this area. */
export const ENVELOPES: Catalogue = {
  '"{0}" is too long to be told whole: {1} pièces or parts of them are in it alone':
    "« {0} » est trop long pour être rapporté en entier : il a {1} pièces ou parties de pièces à lui seul",
  'the types of pieces in "{0}" cannot be read': "les types de pièces de « {0} » ne peuvent être lus",
  'Cannot unpack "{0}": the path leads out of the archive':
    "Impossible de décompresser « {0} » : le chemin sort de l’archive",
  'Cannot unpack "{0}": directories nested more than {1} deep':
    "Impossible de décompresser « {0} » : plus de {1} dossiers les uns dans les autres",
  "Cannot unpack: it grows more than {0} times, as a decompression bomb does":
    "Impossible de décompresser : le contenu enfle plus de {0} fois, comme une bombe de décompression",
  'the message names "{0}", which is not there': "le message nomme « {0} », qui n’y est pas",
  "a text or tag is longer than {0} bytes": "un texte ou une balise dépasse {0} octets",
  'its encoding "{0}" is not known here': "son codage « {0} » n’est pas connu ici",
  "its bytes are not {0}": "ses octets ne sont pas du {0}",
  'Cannot unpack "{0}": a {1}, not a file':
    "Impossible de décompresser « {0} » : ce n’est pas un fichier ({1})",
  'Cannot unpack "{0}": it is there twice': "Impossible de décompresser « {0} » : il y est deux fois",
  "Cannot unpack a tar.gz: {0}": "Impossible de décompresser un tar.gz : {0}",
  "a message of {0} bytes, more than {1}": "un message de {0} octets, plus que {1}",
  "more than {0} elements": "plus de {0} éléments",
  "no root element": "aucun élément racine",
  "more than {0} files": "plus de {0} fichiers",
  '"{0}" is a directory with data in it': "« {0} » est un dossier qui contient des données",
  "{0} more warnings are not told": "{0} autres avertissements ne sont pas rapportés",
  '"{0}" is there twice': "« {0} » y est deux fois",
  "its directory does not hold as many files as it tells":
    "son répertoire n’a pas autant de fichiers qu’il dit",
  "no end of directory, it is damaged or not yet whole":
    "la fin du répertoire manque, il est abîmé ou pas encore complet",
  "one of several volumes": "un volume parmi plusieurs",
  "no zip64 end of directory where it tells": "la fin du répertoire zip64 n’est pas où il dit",
  "its directory is not where it tells": "son répertoire n’est pas où il dit",
  "its directory is damaged": "son répertoire est abîmé",
  '"{0}" is encrypted': "« {0} » est chiffré",
  '"{0}" uses compression method {1}': "« {0} » utilise la compression {1}",
  '"{0}" is a link': "« {0} » est un lien",
  'the header of "{0}" is not what its directory tells':
    "l’en-tête de « {0} » ne correspond pas au répertoire",
  '"{0}" has two sizes': "« {0} » a deux tailles",
  "a zip64 field is cut short": "un champ zip64 est coupé",
  '"{0}" shares its data with another file': "« {0} » partage ses données avec un autre fichier",
  "a file reaches into its directory": "un fichier empiète sur le répertoire",
  "a name is not the UTF-8 that it is told to be": "un nom annoncé en UTF-8 ne l’est pas",
  "it is cut short or damaged": "il est coupé ou abîmé",
  "it is cut short": "il est coupé",
  "a size beyond all measure": "une taille démesurée",
  "Cannot unpack a zip: {0}": "Impossible de décompresser un zip : {0}",
  'Cannot decode "{0}": there is no file in it':
    "Impossible de décoder « {0} » : il ne contient aucun fichier",
  'the metadata list "{0}" under "{1}", which is not there':
    "les métadonnées citent « {0} » sous « {1} », qui n’y est pas",
  'Cannot decode "{0}": neither its metadata nor its files are those of {1}':
    "Impossible de décoder « {0} » : ni ses métadonnées ni ses fichiers ne sont de {1}",
  "Cannot read metadata as YAML: line {0} is not understood":
    "Impossible de lire les métadonnées YAML : la ligne {0} n’est pas comprise",
  " at line and column {0}": " à la ligne et à la colonne {0}",
  'Cannot read "{0}": {1}{2}': "Impossible de lire « {0} » : {1}{2}",
  'Cannot read "{0}": no root element': "Impossible de lire « {0} » : aucun élément racine",
  'Cannot take "{0}"': "Impossible de prendre « {0} »",
  'Cannot take "{0}": more than {1} bytes in one envelope':
    "Impossible de prendre « {0} » : plus de {1} octets dans une enveloppe",
  "more than {0} keys": "plus de {0} clés",
  "its root is {0}, not flux": "sa racine est {0}, non flux",
  "not valid JSON": "ce n’est pas du JSON",
  "no JSON object": "ce n’est pas un objet JSON",
  'the value of "{0}" is neither text nor a list': "la valeur de « {0} » n’est ni un texte ni une liste",
  "larger than {0} bytes": "plus de {0} octets",
  'Cannot read metadata "{0}": {1}': "Impossible de lire les métadonnées « {0} » : {1}",
  'Cannot open "{0}": neither a file nor a directory':
    "Impossible d’ouvrir « {0} » : ce n’est ni un fichier ni un dossier",
  'Cannot open "{0}": neither a zip, a tar.gz nor an XML file':
    "Impossible d’ouvrir « {0} » : ce n’est ni un zip, ni un tar.gz, ni un fichier XML",
  'Cannot take "{0}": a link or device, not a file':
    "Impossible de prendre « {0} » : c’est un lien ou un périphérique, non un fichier",
  'Cannot open "{0}": directories nested more than {1} deep':
    "Impossible d’ouvrir « {0} » : plus de {1} dossiers les uns dans les autres",
  'Cannot open "{0}": it is empty': "Impossible d’ouvrir « {0} » : il est vide",
  "Cannot unpack a gzip file: it is damaged or cut short":
    "Impossible de décompresser un fichier gzip : il est abîmé ou coupé",
  "its base64 text is damaged": "son texte en base64 est abîmé",
  "not base64": "ce n’est pas du base64",
  'Cannot extract the attachment "{0}": {1}': "Impossible d’extraire la pièce jointe « {0} » : {1}",
  'the attachment "{0}" of "{1}" is {2}': "la pièce jointe « {0} » de « {1} » : {2?}",
  'Cannot read "{0}": an invoice with too many elements':
    "Impossible de lire « {0} » : une facture avec trop d’éléments",
  "Cannot unpack a zip: {0} bytes, more than an envelope may have":
    "Impossible de décompresser un zip : {0} octets, plus qu’une enveloppe ne peut avoir",
  'Cannot unpack "{0}": its compressed data is damaged':
    "Impossible de décompresser « {0} » : ses données compressées sont abîmées",
  'Cannot unpack "{0}": its size is not the one that the zip tells':
    "Impossible de décompresser « {0} » : sa taille n’est pas celle qu’annonce le zip",
  'Cannot unpack "{0}": wrong checksum': "Impossible de décompresser « {0} » : somme de contrôle fausse",
  "elements are nested more than {0} deep": "plus de {0} éléments les uns dans les autres",
  "it has a DTD, which is refused": "il a une DTD, ce qui est refusé",
  "it is not well-formed": "il n’est pas bien formé",
  "its directory has more than {0} bytes": "son répertoire dépasse {0} octets",
  "{0}: more than {1} files in one envelope; documents.max_envelope_files allows more":
    "{0!} : plus de {1} fichiers dans une enveloppe ; documents.max_envelope_files peut en permettre plus",
  "Cannot unpack a zip": "Impossible de décompresser un zip",
  "an extra field is cut short": "un champ supplémentaire est coupé",
  "a size is in none or several zip64 fields": "une taille n’est dans aucun champ zip64, ou dans plusieurs",
  "its two records of its end do not tell the same":
    "ses deux indications de fin ne disent pas la même chose",
};
