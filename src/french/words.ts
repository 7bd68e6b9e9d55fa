/** Words that stand in a sentence or for themselves: what is done, how something ended, what it is. */
import type { Catalogue } from "./translator.ts";

/** The words, each a literal of its own in the sources. */
export const WORDS: Catalogue = {
  // What could not be done, after "Impossible".
  "use": "d’utiliser",
  "find": "de trouver",
  "read": "de lire",
  "write": "d’écrire",
  "move": "de déplacer",
  "delete": "de supprimer",
  "flag": "de marquer",
  "label": "de donner un libellé à",
  "upload": "de déposer un fichier",
  "docpak/addpages": "d’attacher un fichier",
  "doctbl/insertrow": "d’insérer une ligne",
  "docpak/loadalllastrevision": "de voir les fichiers d’une ligne",
  "query/getexec": "de chercher une ligne",
  "jobqueue/load": "de suivre un travail",
  // What a server did not do in time, after "n’a pas".
  "answer": "répondu",
  // How a connection of the tunnel ended.
  "done": "normale",
  "goodbye": "normale, après QUIT",
  "left": "client parti",
  "truncated": "coupée par le serveur",
  "idle": "inactive trop longtemps",
  "cut": "coupée",
  // What is checked of a server.
  "server": "serveur",
  // What became of an item.
  "pending": "en cours",
  "delivered": "livré",
  "skipped": "écarté",
  "quarantined": "en quarantaine",
  "failed": "en échec",
  // How something is.
  "damaged": "abîmé",
  "encrypted": "chiffré",
  "elsewhere": "ailleurs",
  "greeting": "l’accueil",
  "--allow-read and --allow-write": "--allow-read et --allow-write",
  "token": "le jeton",
};
