/** What keeps documents from being delivered, into a COLD or over EzGED's web service. */
import type { Catalogue } from "./translator.ts";

/** The sentences of this area. */
export const DELIVERY: Catalogue = {
  'Cannot finish interrupted deliveries: "{0}" is missing; is the share mounted?':
    "Impossible de finir les livraisons interrompues : « {0} » manque ; le partage est-il monté ?",
  'Cannot use COLD root "{0}": it is missing or cannot be read; is the share mounted?':
    "Impossible d’utiliser la racine COLD « {0} » : elle manque ou ne peut être lue ; le partage est-il monté ?",
  'Cannot use COLD root "{0}": it is not a directory':
    "Impossible d’utiliser la racine COLD « {0} » : ce n’est pas un répertoire",
  'Cannot finish deliveries in COLD root "{0}": "{1}" is missing; is the share mounted?':
    "Impossible de finir les livraisons dans la racine COLD « {0} » : « {1} » manque ; le partage est-il monté ?",
  'Cannot write "{0}": {1}': "Impossible d’écrire « {0} » : {1}",
  "the disk is full; free some space, nothing is lost meanwhile":
    "le disque est plein ; libérez de la place, rien n’est perdu entre-temps",
  "the quota of the gateway's account is used up; free some space or raise it, nothing is lost meanwhile":
    "le quota du compte de la passerelle est épuisé ; libérez de la place ou augmentez-le, rien n’est perdu entre-temps",
  "the file system is read-only; mount it so that the gateway can write":
    "le système de fichiers est en lecture seule ; montez-le de sorte que la passerelle puisse écrire",
  "no permission; the gateway's account needs to read, write and rename there":
    "pas de droit ; le compte de la passerelle doit pouvoir y lire, écrire et renommer",
  "another program (an indexer, a virus scanner) has it open; tried again at the next poll":
    "un autre programme (un indexeur, un antivirus) l’a ouvert ; nouvel essai à la prochaine relève",
  "the folder is missing; is the share mounted?": "le dossier manque ; le partage est-il monté ?",
  "EzGED's job {0} is in error; EzGED tries again by itself":
    "le travail {0} d’EzGED est en erreur ; EzGED réessaie de lui-même",
  "EzGED's job {0} has stopped; look at its jobs and its indexing centre":
    "le travail {0} d’EzGED s’est arrêté ; voyez ses travaux et son centre d’indexation",
  "Cannot upload to EzGED: it does not say where the file is":
    "Impossible de déposer dans EzGED : il ne dit pas où est le fichier",
  'Cannot insert into "{0}": every column of it would be empty':
    "Impossible d’insérer dans « {0} » : toutes les colonnes en seraient vides",
  "Cannot insert at EzGED: it does not say which row it made":
    "Impossible d’insérer dans EzGED : il ne dit pas quelle ligne il a créée",
  'Cannot tell whether {0} is in the waiting directory "{1}" of EzGED: the answer to its upload was lost; look for it there: retry sends it again, drop leaves it':
    "Impossible de savoir si {0} est dans le répertoire d’attente « {1} » d’EzGED : la réponse à son dépôt s’est perdue ; cherchez-le là : « Réessayer » le renvoie, « Supprimer » le laisse",
  'Cannot tell whether {0} is attached to row {1} of "{2}" in EzGED: the answer was lost; look at that row: retry attaches it again, drop leaves it':
    "Impossible de savoir si {0} est attaché à la ligne {1} de « {2} » dans EzGED : la réponse s’est perdue ; voyez cette ligne : « Réessayer » l’attache encore, « Supprimer » le laisse",
  'Cannot tell whether EzGED has a row of "{0}" for "{1}": the answer was lost':
    "Impossible de savoir si EzGED a une ligne de « {0} » pour « {1} » : la réponse s’est perdue",
  "{0}; look for it there: retry makes one, drop leaves it":
    "{0!} ; cherchez-la là : « Réessayer » en crée une, « Supprimer » la laisse",
  "{0}, and the query {1} does not tell; look for it there":
    "{0!}, et la requête {1} ne le dit pas ; cherchez-la là",
  "Cannot upload to EzGED: it does not say whether it took the file":
    "Impossible de déposer dans EzGED : il ne dit pas s’il a pris le fichier",
  "Cannot sign in to EzGED at {0}: the password was refused {1} times in a row; correct it (until then it is tried every 30 minutes, so as not to lock the account)":
    "Impossible de s’identifier auprès d’EzGED, {0} : le mot de passe a été refusé {1} fois de suite ; corrigez-le (d’ici là un essai toutes les 30 minutes, pour ne pas verrouiller le compte)",
  'Cannot reach EzGED at "{0}": {1}': "Impossible d’atteindre EzGED à « {0} » : {1}",
  "no connection": "aucune connexion",
  "nothing taken": "rien n’a été pris",
  "no answer": "aucune réponse",
  "its answer is longer than any answer of EzGED": "sa réponse est plus longue qu’aucune réponse d’EzGED",
  "its answer was cut short": "sa réponse a été coupée",
  "{0} within {1} s": "{0!} en {1} s",
  "the connection was refused; check the address, and that the server is running":
    "la connexion a été refusée ; vérifiez l’adresse, et que le serveur fonctionne",
  'the name "{0}" is not known; check its spelling, and this machine\'s DNS':
    "le nom « {0} » n’est pas connu ; vérifiez son orthographe, et le DNS de cette machine",
  "no way there; check the address, and the firewall":
    "aucun chemin n’y mène ; vérifiez l’adresse, et le pare-feu",
  "the connection was broken off by the other side": "la connexion a été rompue par l’autre côté",
  "its certificate has expired; the server's administrator has to renew it":
    "son certificat a expiré ; l’exploitant du serveur doit le renouveler",
  "its certificate is not valid yet; check this machine's clock":
    "son certificat n’est pas encore valable ; vérifiez l’horloge de cette machine",
  'its certificate is not for "{0}"; use a name that the certificate has':
    "son certificat ne vaut pas pour « {0} » ; utilisez un nom que porte le certificat",
  "its certificate is signed by an authority that is not known here; give the certificate of that authority as ca_file":
    "son certificat est signé par une autorité inconnue ici ; donnez le certificat de cette autorité dans ca_file",
  "the server does not speak TLS on this port; check the address":
    "le serveur ne parle pas TLS sur ce port ; vérifiez l’adresse",
  'Cannot sign in to EzGED as "{0}": {1} (error {2})':
    "Impossible de s’identifier auprès d’EzGED comme « {0} » : {1?} (erreur {2})",
  "refused": "refusé",
  "without number": "sans numéro",
  'Cannot sign in to EzGED at "{0}": all its sessions are in use (error {1})':
    "Impossible de s’identifier auprès d’EzGED à « {0} » : toutes ses sessions sont prises (erreur {1})",
  "sign in": "de s’identifier",
  "Cannot {0} at EzGED: {1}{2}": "Impossible {0!} auprès d’EzGED : {1?}{2}",
  " (error {0})": " (erreur {0})",
  "Cannot {0} at EzGED: it ends every session at once (error {1})":
    "Impossible {0!} auprès d’EzGED : il met aussitôt fin à chaque session (erreur {1})",
  'Cannot {0} at EzGED "{1}"': "Impossible {0!} auprès d’EzGED, « {1} »",
  'to "{0}"': "vers « {0} »",
  "{0}: it leads {1}; write the address where EzGED itself answers":
    "{0!} : cela mène {1?} ; écrivez l’adresse où EzGED lui-même répond",
  "{0}: the file is larger than that server takes (413)":
    "{0!} : le fichier est plus gros que ce serveur n’en accepte (413)",
  "{0}: HTTP {1}; check url, and that account's rights":
    "{0!} : HTTP {1} ; vérifiez url, et les droits de ce compte",
  "its answer is not one of EzGED's": "sa réponse n’est pas de celles d’EzGED",
  'Cannot send "{0}": it is missing from the outbox':
    "Impossible d’envoyer « {0} » : il manque dans la boîte d’envoi",
  'Cannot send "{0}": it is not as long as it was':
    "Impossible d’envoyer « {0} » : il n’a plus la même longueur",
  "the gateway is stopping": "la passerelle s’arrête",
  'Cannot tell whether "{0}" is in EzGED: the journal lacks it':
    "Impossible de savoir si « {0} » est dans EzGED : le journal ne l’a pas",
  "EzGED's job {0} is not done yet": "le travail {0} d’EzGED n’est pas encore fini",
  'Cannot deliver to EzGED "{0}": gateway.toml has no [ezged.{1}]':
    "Impossible de livrer à EzGED « {0} » : gateway.toml n’a pas de [ezged.{1}]",
  'Cannot open ledger "{0}": {1}': "Impossible d’ouvrir le registre « {0} » : {1}",
  'Cannot write ledger "{0}": {1}': "Impossible d’écrire dans le registre « {0} » : {1}",
  "there is no such file": "ce fichier n’existe pas",
  'Cannot read ca_file "{0}": {1}': "Impossible de lire ca_file « {0} » : {1}",
  'Cannot use ca_file "{0}": it holds no certificate in PEM form':
    "Impossible d’utiliser ca_file « {0} » : il ne contient aucun certificat au format PEM",
  'Cannot finish deliveries to "{0}": the volume that was there is not; is the share mounted?':
    "Impossible de finir les livraisons vers « {0} » : le volume qui était là n’y est plus ; le partage est-il monté ?",
};
