/** Problems of launchers.d, and how to mend them. */
import type { Catalogue } from "./translator.ts";

/** The sentences of this area. */
export const CONFIG: Catalogue = {
  'Cannot get the token: "{0}"': "Impossible d’obtenir le jeton : « {0} »",
  "{0} has not ended within {1} s": "{0} n’a pas fini en {1} s",
  "run it by hand: it must not ask for anything": "lancez-le à la main : il ne doit rien demander",
  "{0} printed too much": "{0} a affiché trop de texte",
  "let it print the token alone": "faites-lui afficher le jeton seul",
  "{0} ended with {1}{2}": "{0} s’est terminé avec {1}{2}",
  "run it by hand, as the user that runs the gateway":
    "lancez-le à la main, sous le compte qui fait tourner la passerelle",
  "{0} printed nothing": "{0} n’a rien affiché",
  "let it print the token on standard output": "faites-lui écrire le jeton sur la sortie standard",
  "give its absolute path, and start the gateway with LANCEUR_RUN set to that path ({0} is not among the programs it may run)":
    "donnez son chemin absolu, et lancez la passerelle avec LANCEUR_RUN égal à ce chemin ({0} n’est pas parmi les programmes qu’elle peut lancer)",
  "{0} may not be run by this process": "{0} : ce processus n’a pas le droit de le lancer",
  "{0} is not there": "{0} n’existe pas",
  "give the absolute path of the program": "donnez le chemin absolu du programme",
  "{0} cannot be run": "{0} ne peut être lancé",
  "let the user that runs the gateway execute it":
    "permettez au compte qui fait tourner la passerelle de l’exécuter",
  "Put the authority's certificate there, in PEM form, readable by the gateway":
    "Mettez-y le certificat de l’autorité, au format PEM, lisible par la passerelle",
  'Cannot listen to "{0}": this launcher would take again what is delivered there':
    "Impossible d’écouter « {0} » : ce lanceur reprendrait ce qui y est livré",
  "Name a folder outside the COLD directory that deliver.cold names":
    "Nommez un dossier hors du répertoire COLD que nomme deliver.cold",
  'Cannot use timezone = "{0}": no such time zone':
    'Impossible d’utiliser timezone = "{0}" : ce fuseau horaire n’existe pas',
  'Did you mean "{0}"?': "Vouliez-vous dire « {0} » ?",
  'Write a name such as "Europe/Paris" or "Indian/Reunion"':
    'Écrivez un nom comme "Europe/Paris" ou "Indian/Reunion"',
  'Cannot use schedule = "{0}"': 'Impossible d’utiliser schedule = "{0}"',
  "{0}: {1} cannot tell that something has arrived":
    "{0!} : {1} ne peut pas dire que quelque chose est arrivé",
  'Write a time table such as "*/10 * * * *"; "push" works with {0}':
    'Écrivez un horaire comme "*/10 * * * *" ; "push" fonctionne avec {0}',
  "not a time": "ce n’est pas une durée",
  'Write a time such as "@every 30s" or "@every 10m"': 'Écrivez une durée comme "@every 30s" ou "@every 10m"',
  "too often": "c’est trop souvent",
  'Write "@every 1s" or more': 'Écrivez "@every 1s" ou plus',
  "no such word": "ce mot n’existe pas",
  'Write "@every 30s", or one of {0}': 'Écrivez "@every 30s", ou l’un de ceux-ci : {0}',
  "{0} fields where 5 or 6 are needed": "{0} champs au lieu de 5 ou 6",
  'Write minute, hour, day, month, weekday (with seconds first, if wanted), such as "*/10 * * * *", or "@every 30s", or "push"':
    'Écrivez minute, heure, jour, mois, jour de la semaine (secondes d’abord, si l’on veut), par exemple "*/10 * * * *", ou "@every 30s", ou "push"',
  "it would never run: no date fits": "il n’aurait jamais lieu : aucune date ne convient",
  "Choose a day that the month has": "Choisissez un jour que ce mois possède",
  'Write a time table such as "*/10 * * * *" (every 10 minutes) or "0 7 * * 1-5" (workdays at 7)':
    'Écrivez un horaire comme "*/10 * * * *" (toutes les 10 minutes) ou "0 7 * * 1-5" (à 7 h les jours ouvrés)',
  "Cannot fill in {{0}} of {1}: no such placeholder is known":
    "Impossible de remplir {{0}} dans {1} : ce champ n’existe pas",
  "{0}Known: {1}{2}": "{0}Champs connus : {1}{2}",
  "Did you mean {{0}}? ": "Vouliez-vous dire {{0}} ? ",
  "; a field that an envelope lacks is left empty": " ; un champ que l’enveloppe n’a pas reste vide",
  "Cannot read the secret: {0}": "Impossible de lire le secret : {0}",
  "is not set": "n’est pas définie",
  "set it for the process that runs the gateway":
    "définissez-la pour le processus qui fait tourner la passerelle",
  "is empty": "est vide",
  "put the secret into it": "mettez-y le secret",
  "is not a file": "n’est pas un fichier",
  "name a file that holds the secret alone": "nommez un fichier qui contient le secret seul",
  "is larger than 64 KiB": "dépasse 64 Kio",
  "create it with the secret as its only content": "créez-le avec le secret pour seul contenu",
  "let the user that runs the gateway read it, and nobody else":
    "permettez au compte qui fait tourner la passerelle de le lire, et à personne d’autre",
  "is not UTF-8 text": "n’est pas un texte en UTF-8",
  "save it as UTF-8 (some editors and shells write UTF-16)":
    "enregistrez-le en UTF-8 (certains éditeurs et interpréteurs écrivent en UTF-16)",
  "environment variable {0}": "la variable d’environnement {0}",
  "environment variable named there": "la variable d’environnement nommée là",
  'command "{0}"': "la commande « {0} »",
  'file "{0}"': "le fichier « {0} »",
  "file named there": "le fichier nommé là",
  'Cannot use {0} = "{1}"': 'Impossible d’utiliser {0} = "{1}"',
  "{0}: gateway.toml has no [{1}.{2}]": "{0!} : gateway.toml n’a pas de [{1}.{2}]",
  'Did you mean "{0}"? ': "Vouliez-vous dire « {0} » ? ",
  "There: {0}": "Il y a : {0}",
  "Write that section, with url, account and password":
    "Écrivez cette section, avec url, account et password",
  "{0}: {1} of [{2}.{3}]: {4}": "{0!} : {1} de [{2}.{3}] : {4}",
  'Cannot fill in {{0}} of column "{1}": no such placeholder is known':
    "Impossible de remplir {{0}} dans la colonne « {1} » : ce champ n’existe pas",
  "{0}What is not known is left empty": "{0}Ce qui n’est pas connu reste vide",
  "it is missing": "il manque",
  'Cannot read the folder "{0}": {1}': "Impossible de lire le dossier « {0} » : {1}",
  "Make it, or name another one with --launchers DIR":
    "Créez-le, ou nommez-en un autre par --launchers DOSSIER",
  'Cannot tell what "{0}" is meant to be: it has two endings':
    "Impossible de dire ce que « {0} » doit être : il a deux extensions",
  "Rename it to NAME.toml or NAME.conf; to switch it off, to NAME.toml.disabled":
    "Renommez-le en NOM.toml ou NOM.conf ; pour le désactiver, en NOM.toml.disabled",
  'Cannot read "{0}": it is larger than 1 MiB': "Impossible de lire « {0} » : il dépasse 1 Mio",
  "A launcher file is a few lines of TOML": "Un fichier de lanceur, ce sont quelques lignes de TOML",
  'Cannot read "{0}": {1}': "Impossible de lire « {0} » : {1}",
  "Let the user that runs the gateway read it":
    "Permettez au compte qui fait tourner la passerelle de le lire",
  'Cannot read "{0}": it is not UTF-8 text': "Impossible de lire « {0} » : ce n’est pas un texte en UTF-8",
  "Save it as UTF-8 (accents of another encoding stand on this line)":
    "Enregistrez-le en UTF-8 (cette ligne a des accents d’un autre codage)",
  'Cannot read "{0}" as TOML: {1}': "Impossible de lire « {0} » comme du TOML : {1}",
  "Write KEY = VALUE or [TABLE]; text stands in quotes, and a pattern or a Windows path in single quotes: '/.*\\.pdf/'":
    "Écrivez CLÉ = VALEUR ou [TABLE] ; un texte se met entre guillemets, un motif ou un chemin Windows entre apostrophes : '/.*\\.pdf/'",
  "access is denied": "l’accès est refusé",
  'Cannot use "{0}" as a launcher: its name has more than plain letters, digits, dots and dashes':
    "Impossible d’utiliser « {0} » comme lanceur : son nom a autre chose que des lettres simples, des chiffres, des points et des tirets",
  'Rename it, for example to "{0}.toml"': "Renommez-le, par exemple en « {0}.toml »",
  'Cannot tell the launcher from {0} in the ledger: both have the id "{1}"':
    "Impossible de distinguer ce lanceur de {0} dans le registre : tous deux ont l’id « {1} »",
  'Cannot deliver "{0}" once: {1} and {2} both take it to "{3}", where everything arrives twice':
    "Impossible de livrer « {0} » une seule fois : {1} et {2} l’emportent tous deux vers « {3} », où tout arrive en double",
  "Write enabled = false into one of the two, or let them differ in mailbox, folder, [filter] or where they deliver":
    "Écrivez enabled = false dans l’un des deux, ou distinguez-les par la boîte, le dossier, [filter] ou la destination",
  'Give each an id of its own, such as id = "factures-2"':
    'Donnez à chacun un id à lui, par exemple id = "factures-2"',
  "Cannot keep {0} secret: it is written in this file as text":
    "Impossible de garder {0} secret : il est écrit en clair dans ce fichier",
  'Put it into a file that only the gateway may read: {0} = { file = "NAME.secret" }, or into an environment variable: {1} = { env = "NAME" }':
    'Mettez-le dans un fichier que seule la passerelle peut lire : {0} = { file = "NOM.secret" }, ou dans une variable d’environnement : {1} = { env = "NOM" }',
  "Cannot keep {0} secret: the {1} is open to other users of this machine":
    "Impossible de garder {0} secret : {1} est ouvert à d’autres utilisateurs de cette machine",
  "Take the rights away from group and others: chmod 600":
    "Ôtez les droits au groupe et aux autres : chmod 600",
  'Cannot run "{0}" for {1}: this process may not':
    "Impossible de lancer « {0} » pour {1} : ce processus n’en a pas le droit",
  'Cannot look into the folder of {0}, "{1}": it does not answer':
    "Impossible de consulter le dossier de {0}, « {1} » : il ne répond pas",
  "See that the server of this share is up, and the network to it":
    "Vérifiez que le serveur de ce partage fonctionne, et le réseau jusqu’à lui",
  'Cannot find the folder of {0}, "{1}": it is missing':
    "Impossible de trouver le dossier de {0}, « {1} » : il manque",
  'If it is a share, mount it; otherwise make the folder (only inside "{0}" is it made on its own)':
    "Si c’est un partage, montez-le ; sinon créez le dossier (il n’est créé de lui-même que dans « {0} »)",
  'Cannot look into the folder of {0}, "{1}": {2}': "Impossible d’examiner le dossier de {0}, « {1} » : {2}",
  "Let the user that runs the gateway read and write there":
    "Permettez au compte qui fait tourner la passerelle d’y lire et d’y écrire",
  'Cannot use "{0}" for {1}: it is not a folder':
    "Impossible d’utiliser « {0} » pour {1} : ce n’est pas un dossier",
  "Name a folder in {0}": "Nommez un dossier dans {0}",
  "it is not a file": "ce n’est pas un fichier",
  'Cannot read {0} "{1}": {2}': "Impossible de lire {0} « {1} » : {2}",
  'Cannot use "{0}" as state: it is cold.root too':
    "Impossible d’utiliser « {0} » pour state : c’est aussi cold.root",
  'Name a folder of its own, such as state = "var"': 'Nommez un dossier à part, par exemple state = "var"',
  "Cannot use password_hash: it is no scrypt hash":
    "Impossible d’utiliser password_hash : ce n’est pas une empreinte scrypt",
  "Put there what deno task password prints": "Mettez-y ce qu’affiche deno task password",
  "Cannot listen on {0}: other machines could reach the page without signing in":
    "Impossible d’écouter sur {0} : d’autres machines atteindraient la page sans s’identifier",
  'Add token = { file = "status.secret" } or password_hash (deno task password) under [status], or listen on 127.0.0.1':
    'Ajoutez token = { file = "status.secret" } ou password_hash (deno task password) sous [status], ou écoutez sur 127.0.0.1',
  "Cannot keep what goes to {0} secret: plain http can be read on the way":
    "Impossible de garder secret ce qui va à {0} : en http simple, on peut le lire en chemin",
  "Set up https on that server, and write its address with https://":
    "Mettez https en place sur ce serveur, et écrivez son adresse avec https://",
  "Cannot use [{0}]: not supported yet": "Impossible d’utiliser [{0}] : pas encore pris en charge",
  "Leave it out, or as it is: this version ignores it":
    "Ôtez-la, ou laissez-la telle quelle : cette version l’ignore",
  "Cannot keep the password of [notify.smtp] secret on its way: nothing secures the connection":
    "Impossible de garder secret en chemin le mot de passe de [notify.smtp] : rien ne sécurise la connexion",
  'Use tls = "implicit" or "starttls", or a relay that asks for no password':
    'Utilisez tls = "implicit" ou "starttls", ou un relais qui ne demande pas de mot de passe',
  "Cannot use the webhook: {0}": "Impossible d’utiliser le webhook : {0}",
  "Give the address that the chat or service shows for its incoming webhook":
    "Donnez l’adresse que la messagerie ou le service affiche pour son webhook entrant",
  'Cannot use tunnel = "{0}"': 'Impossible d’utiliser tunnel = "{0}"',
  "{0}: that section exists {1} times": "{0!} : cette section existe {1} fois",
  "Give each of these sections a name of its own: {0}":
    "Donnez à chacune de ces sections un nom à elle : {0}",
  "{0}: section [{1}] is in error": "{0!} : la section [{1}] est en erreur",
  "Mend it: {0}": "Corrigez-la : {0}",
  "{0}: no .conf file here has a section of that name":
    "{0!} : aucun fichier .conf n’a ici de section de ce nom",
  "Sections here: {0}": "Sections présentes : {0}",
  "Write a NAME.conf with a section [{0}]": "Écrivez un NOM.conf avec une section [{0}]",
  "{0}: section [{1}] is for the other direction (client = no)":
    "{0!} : la section [{1}] est pour l’autre sens (client = no)",
  "Name a section with client = yes": "Nommez une section avec client = yes",
  "{0}: section [{1}] has verify = no, so anybody on the way could take the password":
    "{0!} : la section [{1}] a verify = no, n’importe qui en chemin pourrait prendre le mot de passe",
  "Remove verify = no there; for a private authority set CAfile, for a self-signed server pin it with verifyPeer = yes and CAfile":
    "Ôtez-y verify = no ; pour une autorité privée mettez CAfile, pour un serveur auto-signé épinglez-le avec verifyPeer = yes et CAfile",
  '{0} with protocol = "{1}": section [{2}] seems to lead to {3}':
    '{0!} avec protocol = "{1}" : la section [{2}] semble mener à {3}',
  "Check that its connect names the {0} port of the server":
    "Vérifiez que son connect nomme le port {0} du serveur",
  'Cannot give {0} to "{1}": it is not set':
    "Impossible de donner {0} à « {1} » : cette variable n’est pas définie",
  "Set it for the process that runs the gateway":
    "Définissez-la pour le processus qui fait tourner la passerelle",
  "Before enabled = true: {0}": "Avant enabled = true : {0}",
  "the {0} {1}": "{0!} {1!}",
  "Cannot read {0}{1}": "Impossible de lire {0}{1}",
  "a text has no closing quotation mark on its line, or holds a control character":
    "un texte n’a pas de guillemet fermant sur sa ligne, ou contient un caractère de contrôle",
  "1 field where 5 or 6 are needed": "1 champ au lieu de 5 ou 6",
};
