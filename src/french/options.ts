/** What the value of an option must be. */
import type { Catalogue } from "./translator.ts";

/** The sentences of this area. */
export const OPTIONS: Catalogue = {
  'must be a size such as "500 KB", "50 MB" or "1.5 GB"':
    'doit être une taille comme "500 KB", "50 MB" ou "1.5 GB"',
  'must be a time such as "500ms", "2s", "30m", "1h" or "7d"':
    'doit être une durée comme "500ms", "2s", "30m", "1h" ou "7d"',
  "must be 1 to 64 letters without accents, digits, dots, dashes or underscores":
    "doit avoir de 1 à 64 lettres sans accents, chiffres, points, tirets ou tirets bas",
  "must be a whole number from 0 to 100": "doit être un nombre entier de 0 à 100",
  "is missing": "manque",
  "cannot be read": "ne peut être lu",
  "the part before the first [table]": "la partie avant la première [table]",
  'the option "{0}"': "l’option « {0} »",
  "an option": "une option",
  "It belongs under {0}. ": "Elle a sa place sous {0}. ",
  "Cannot use {0} in {1}: unknown": "Impossible d’utiliser {0} dans {1} : inconnue",
  "{0}Known here: {1}": "{0}Connues ici : {1}",
  'Cannot find "{0}": it is required': "Impossible de trouver « {0} » : c’est obligatoire",
  "Add a table [{0}]": "Ajoutez une table [{0}]",
  "Add {0} = {1}": "Ajoutez {0} = {1}",
  "Cannot use {0}{1}: {2}": "Impossible d’utiliser {0}{1} : {2}",
  "{0}Write {1}": "{0}Écrivez {1}",
  "Cannot {0} {1}{2}: {3}": "Impossible {0!} {1}{2} : {3}",
  "Write {0}": "Écrivez {0}",
  "not one of the known values": "ce n’est pas une des valeurs connues",
  "{0} does not fit here": "{0} ne convient pas ici",
  "a text": "un texte",
  "not in the range allowed": "hors des limites permises",
  "a list": "une liste",
  "a date": "une date",
  "a number": "un nombre",
  "true or false": "true ou false",
  "a table": "une table",
  "at least": "au moins",
  "at most": "au plus",
  "a length of at least": "une longueur d’au moins",
  "a length of at most": "une longueur d’au plus",
  "a whole number": "un nombre entier",
  "another value": "une autre valeur",
  "{0} or {1}": "{0!} ou {1!}",
  'must be an address with a port, such as "127.0.0.1:8025" or "[::1]:8025"':
    'doit être une adresse avec un port, comme "127.0.0.1:8025" ou "[::1]:8025"',
  'must be a host name without port, such as "lanceur.mairie.fr"':
    'doit être un nom d’hôte sans port, comme "lanceur.mairie.fr"',
  "must have a name of 1 to 64 letters without accents, digits, dots, dashes or underscores":
    "doit avoir un nom de 1 à 64 lettres sans accents, chiffres, points, tirets ou tirets bas",
  "must be at least 1 MB": "doit être d’au moins 1 MB",
  "must be a whole number of days from 30 to 36500": "doit être un nombre entier de jours de 30 à 36500",
  "must be the path of a folder": "doit être le chemin d’un dossier",
  "must name a launcher": "doit nommer un lanceur",
  "text in quotes": "un texte entre guillemets",
  "a list of {0}": "une liste avec {0?}",
  "values": "des valeurs",
  'must be a mail address, such as "informatique@exemple.fr"':
    'doit être une adresse de courriel, comme "informatique@exemple.fr"',
  'must be a list of mail addresses, such as ["informatique@exemple.fr"]':
    'doit être une liste d’adresses de courriel, comme ["informatique@exemple.fr"]',
  "must be the path of a PEM file": "doit être le chemin d’un fichier PEM",
  "must be from 1 s to 7 days": "doit être de 1 s à 7 jours",
  "must be 20 addresses at most": "doit avoir 20 adresses au plus",
  "is missing: mail_to needs a server to send mails":
    "manque : mail_to a besoin d’un serveur qui envoie les courriels",
  "is missing: smtp is there, but nobody to write to": "manque : smtp est là, mais personne à qui écrire",
  "is missing: give server, or tunnel": "manque : donnez server, ou tunnel",
  "cannot stand beside tunnel: the service of the .conf file decides it":
    "ne peut accompagner tunnel : le service du fichier .conf en décide",
  "is missing: account and password go together": "manque : account et password vont ensemble",
  "is missing: the account of smtp is no mail address to write from":
    "manque : le compte de smtp n’est pas une adresse d’où écrire",
  "must not be empty": "ne doit pas être vide",
  "must not be longer than 120 characters": "ne doit pas dépasser 120 caractères",
  "must be a directory under cold.root, not an absolute path":
    "doit être un répertoire sous cold.root, non un chemin absolu",
  "must have / between directories, not \\": "doit avoir / entre les répertoires, non \\",
  "must not contain an empty directory name": "ne doit pas contenir de nom de répertoire vide",
  'must not contain "{0}"': "ne doit pas contenir « {0} »",
  "must not begin with a dot": "ne doit pas commencer par un point",
  "must not end in a dot or begin or end with a space":
    "ne doit ni finir par un point, ni commencer ou finir par une espace",
  'must not contain < > : " | ? * or control characters':
    'ne doit contenir ni < > : " | ? * ni caractères de contrôle',
  "must not be a name reserved by Windows ({0})": "ne doit pas être un nom réservé par Windows ({0})",
  "must not be longer than 200 characters": "ne doit pas dépasser 200 caractères",
  "must have placeholders of lower-case letters between braces, such as {name}":
    "doit avoir des champs en minuscules entre accolades, comme {name}",
  'must not contain / \\ < > : " | ? * or control characters':
    'ne doit contenir ni / \\ < > : " | ? * ni caractères de contrôle',
  'must be "unicode", "latin1" or "ascii"': 'doit être "unicode", "latin1" ou "ascii"',
  'must be "deliver", "skip" or "mark"': 'doit être "deliver", "skip" ou "mark"',
  "must be true or false": "doit être true ou false",
  'must be the address of EzGED, such as "https://ged.exemple.fr/ezged3"':
    'doit être l’adresse d’EzGED, comme "https://ged.exemple.fr/ezged3"',
  "must begin with https:// (plain http is only for a private address written as numbers, such as http://192.168.1.20/ezged3)":
    "doit commencer par https:// (http simple n’est permis que vers une adresse privée écrite en chiffres, comme http://192.168.1.20/ezged3)",
  "must be text without control characters": "doit être un texte sans caractères de contrôle",
  "must be at least 1 s": "doit être d’au moins 1 s",
  "must be at most 10 minutes": "doit être de 10 minutes au plus",
  "must not hold a password: put it into account and password":
    "ne doit pas contenir de mot de passe : mettez-le dans account et password",
  "must not have anything behind ? or #": "ne doit rien avoir derrière ? ou #",
  "must be the NAME of an [ezged.NAME] in gateway.toml": "doit être le NOM d’un [ezged.NOM] de gateway.toml",
  "must be the name of an EzGED table, such as COURRIERS":
    "doit être le nom d’une table d’EzGED, comme COURRIERS",
  "must be the full name of a column, such as COURRIERS_OBJET":
    "doit être le nom complet d’une colonne, comme COURRIERS_OBJET",
  "must be text": "doit être un texte",
  "must not be longer than 1000 characters": "ne doit pas dépasser 1000 caractères",
  "must name at least one column": "doit nommer au moins une colonne",
  "must not name more than 100 columns": "ne doit pas nommer plus de 100 colonnes",
  "must be the number of a query": "doit être le numéro d’une requête",
  "cannot stand beside cold: give one of them": "ne peut accompagner cold : donnez l’un des deux",
  'cannot be directory with ezged: write "flat" or "zip"':
    'ne peut être directory avec ezged : écrivez "flat" ou "zip"',
  "cannot be sent to EzGED: leave it at none": "ne peut être envoyé à EzGED : laissez none",
  "needs both query and find, or neither: give the other one too":
    "a besoin de query et de find, ou d’aucun des deux : donnez l’autre aussi",
  "needs find among its columns: add that column":
    "a besoin de find parmi ses colonnes : ajoutez cette colonne",
  'must be "attachments", "message" or "both"': 'doit être "attachments", "message" ou "both"',
  'must be "skip", "deliver" or "quarantine"': 'doit être "skip", "deliver" ou "quarantine"',
  'must be "keep" or "open"': 'doit être "keep" ou "open"',
  'must be "open" or "keep"': 'doit être "open" ou "keep"',
  'must be "acte_nature", "helios" or "chorus_fact"': 'doit être "acte_nature", "helios" ou "chorus_fact"',
  'must be a list, such as ["helios"]': 'doit être une liste, comme ["helios"]',
  'must be file names, such as ["fichier_termine.txt"]':
    'doit être des noms de fichiers, comme ["fichier_termine.txt"]',
  'must be patterns with * and ?, such as ["*.part"]': 'doit être des motifs avec * et ?, comme ["*.part"]',
  'must be the name of a metadata key, such as "{0}"':
    'doit être le nom d’une clé de métadonnées, comme "{0}"',
  'must be "wait" or "take"': 'doit être "wait" ou "take"',
  'must be "keep", "delete" or { delete_after_days = 30 }':
    'doit être "keep", "delete" ou { delete_after_days = 30 }',
  "delete_after_days must be a whole number from 1 to 3650":
    "delete_after_days doit être un nombre entier de 1 à 3650",
  'must be { file = "path" }, a file that always holds a fresh access token, or { command = ["/usr/local/bin/token", "ged@exemple.fr"] }, a program that prints one':
    'doit être { file = "chemin" }, un fichier qui a toujours un jeton d’accès frais, ou { command = ["/usr/local/bin/token", "ged@exemple.fr"] }, un programme qui en affiche un',
  'command must be a list of the program and its arguments, such as ["/usr/local/bin/token"]':
    'command doit être la liste du programme et de ses arguments, comme ["/usr/local/bin/token"]',
  "file must be a path": "file doit être un chemin",
  "command must have at most 50 words": "command doit avoir 50 mots au plus",
  'must be a host name or an address alone, such as "pop.gmail.com" (the port has its own option)':
    'doit être un nom d’hôte ou une adresse, sans rien d’autre, comme "pop.gmail.com" (le port a sa propre option)',
  "must be a whole number from 1 to 65535": "doit être un nombre entier de 1 à 65535",
  'must be the name of a service, such as "gmail-pop3"': 'doit être le nom d’un service, comme "gmail-pop3"',
  "must name a service of a .conf file": "doit nommer un service d’un fichier .conf",
  'must be "implicit", "starttls" or "none"': 'doit être "implicit", "starttls" ou "none"',
  'must be the name to sign in with, such as "ged@exemple.fr"':
    'doit être le nom du compte, comme "ged@exemple.fr"',
  "must not contain control characters": "ne doit pas contenir de caractères de contrôle",
  'must be "password" or "xoauth2"': 'doit être "password" ou "xoauth2"',
  "cannot stand beside tunnel: give one of them": "ne peut accompagner tunnel : donnez l’un des deux",
  'has no meaning with tls = "none"': 'n’a pas de sens avec tls = "none"',
  'is missing: auth = "{0}" needs it': 'manque : auth = "{0}" en a besoin',
  'has no meaning with auth = "{0}"': 'n’a pas de sens avec auth = "{0}"',
  'must be the path of a mailbox as the server spells it, such as "INBOX" or "INBOX/Factures"':
    'doit être le chemin d’une boîte comme le serveur l’écrit, par exemple "INBOX" ou "INBOX/Factures"',
  'must be "keep", "seen", "flag", "delete", { move = "Traités" }, { flag = "a keyword without spaces" } or, on Gmail, { label = "Traités" }':
    'doit être "keep", "seen", "flag", "delete", { move = "Traités" }, { flag = "un mot-clé sans espace" } ou, chez Gmail, { label = "Traités" }',
  "must be a whole number of days, at least 1": "doit être un nombre entier de jours, au moins 1",
  "must be at most 1000 characters long": "doit avoir 1000 caractères au plus",
  'must be a list, such as ["INBOX", "INBOX/Factures"]':
    'doit être une liste, comme ["INBOX", "INBOX/Factures"]',
  "must name at least one mailbox": "doit nommer au moins une boîte",
  "must name at most 100 mailboxes": "doit nommer 100 boîtes au plus",
  "cannot stand beside mailbox: give one of them": "ne peut accompagner mailbox : donnez l’un des deux",
  "must not name a mailbox twice": "ne doit pas nommer deux fois la même boîte",
  "must move to a mailbox that is not among those taken from":
    "doit déplacer vers une boîte qui n’est pas de celles où l’on prend",
  'must be "keep", "delete" or { move = "done" }': 'doit être "keep", "delete" ou { move = "done" }',
  "must not contain a NUL character": "ne doit pas contenir de caractère NUL",
  'must be a folder, such as "var/inbox"': 'doit être un dossier, comme "var/inbox"',
  "must be one hour at most": "doit être d’une heure au plus",
  "cannot be verified: {0}": "ne peut être vérifié : {0}",
  'must be { env = "NAME" }, { file = "path" }, or the secret itself as text':
    'doit être { env = "NOM" }, { file = "chemin" }, ou le secret lui-même en texte',
  "env must name a variable": "env doit nommer une variable",
  "must stand between slashes, such as '/.*\\.pdf/'": "doit se trouver entre deux barres, comme '/.*\\.pdf/'",
  "must not be empty between its slashes": "ne doit pas être vide entre ses barres",
  "must not have the flags u and v together": "ne doit pas avoir ensemble les options u et v",
  "must not have the flag {0}: a name is matched once, from its start":
    "ne doit pas avoir l’option {0} : un nom est comparé une seule fois, depuis son début",
  "must have no other flags after its last slash than i (upper and lower case alike), m, s, u or v":
    "ne doit avoir après sa dernière barre que les options i (majuscules et minuscules égales), m, s, u ou v",
  "must not end in a single backslash": "ne doit pas finir par une seule barre oblique inverse",
  "must not be longer than {0} characters": "ne doit pas dépasser {0} caractères",
  "must be a pattern in quotes, such as '/.*\\.pdf/'":
    "doit être un motif entre apostrophes, comme '/.*\\.pdf/'",
  "must be text in quotes": "doit être un texte entre guillemets",
  "must not be longer than 500 characters": "ne doit pas dépasser 500 caractères",
  'must be a list, such as ["{0}"]': 'doit être une liste, comme ["{0}"]',
  "must be a list of patterns, such as ['/.*\\.pdf/']": "doit être une liste de motifs, comme ['/.*\\.pdf/']",
  "must not have more than 50 patterns": "ne doit pas avoir plus de 50 motifs",
  "must be a number of days, such as 30": "doit être un nombre de jours, comme 30",
  "must be a whole number of days": "doit être un nombre entier de jours",
  "must be at least 1": "doit être au moins 1",
  "must be at most 36500": "doit être au plus 36500",
  "must be a whole number from 1 to {0}": "doit être un nombre entier de 1 à {0}",
  'env must be a list of names of environment variables, such as ["CLIENT_SECRET"]':
    'env doit être une liste de noms de variables d’environnement, comme ["CLIENT_SECRET"]',
  "env must name at most 50 variables": "env doit nommer 50 variables au plus",
};
