/** What the options are for: the advice where one has a value that does not fit. */
import type { Catalogue } from "./translator.ts";

/** The sentences of this area. */
export const DESCRIPTIONS: Catalogue = {
  "Shown on the status page.": "Montrée sur la page d’état.",
  "A launcher that is not enabled is checked, but never polls.":
    "Un lanceur qui n’est pas activé est vérifié, mais ne relève jamais.",
  "Name under which the ledger remembers what was done; the file's own name unless given. Give the old name when renaming a file, or everything is taken again.":
    "Nom sous lequel le registre retient ce qui a été fait ; sinon celui du fichier. Donnez l’ancien nom en renommant un fichier, ou tout sera repris.",
  'When to poll: a cron pattern of 5 or 6 fields; `"@every 30s"`; or `"push"`: at once when something arrives (IMAP IDLE, or folder events with a rescan every 10 s).':
    'Quand relever : un horaire cron de 5 ou 6 champs ; `"@every 30s"` ; ou `"push"` : dès que quelque chose arrive (IMAP IDLE, ou événements du dossier avec un nouvel examen toutes les 10 s).',
  "Time zone of `schedule`, such as `Europe/Paris` or `Indian/Reunion`.":
    "Fuseau horaire de `schedule`, comme `Europe/Paris` ou `Indian/Reunion`.",
  "How often an item that fails is tried again, with growing delays, before it goes to quarantine.":
    "Combien de fois un élément en échec est retenté, à intervalles croissants, avant d’aller en quarantaine.",
  "Where documents come from.": "D’où viennent les documents.",
  "Which items or documents are taken; all unless given.":
    "Quels éléments ou documents sont pris ; tous si rien n’est dit.",
  "What is taken out of a mail.": "Ce qui est pris d’un courriel.",
  "Where documents go.": "Où vont les documents.",
  "Where the status page listens. Off loopback it needs `token` or `password_hash`.":
    "Où la page d’état écoute. Hors de cette machine, il faut `token` ou `password_hash`.",
  "Folder of the ledger, the quarantine and control.json; made if missing inside the folder that holds launchers.d.":
    "Dossier du registre, de la quarantaine et de control.json ; créé s’il manque dans le dossier qui contient launchers.d.",
  "Folder that holds the COLD waiting directories; for EzGED `C:/nchp/var/spool/ezged/instance/ocr/wait`.":
    "Dossier qui contient les répertoires d’attente du COLD ; pour EzGED `C:/nchp/var/spool/ezged/instance/ocr/wait`.",
  "Where documents are delivered.": "Où les documents sont livrés.",
  "Days for which an item is remembered after it was last found in its mailbox or folder. What is still there is never forgotten.":
    "Nombre de jours pendant lesquels un élément est retenu après avoir été vu pour la dernière fois dans sa boîte ou son dossier. Ce qui y est encore n’est jamais oublié.",
  "What is remembered of items, so that none is delivered twice.":
    "Ce qui est retenu des éléments, pour qu’aucun ne soit livré deux fois.",
  "How much the quarantine may hold; a warning comes at half of it. When it is full, what cannot be processed stays where it is and is tried again.":
    "Ce que la quarantaine peut contenir ; un avertissement vient à la moitié. Pleine, ce qui ne peut être traité reste où il est et sera retenté.",
  "What could not be processed, kept whole in the state folder.":
    "Ce qui n’a pu être traité, gardé entier dans le dossier d’état.",
  "Secret that opens the page from other machines: `{ env }` or `{ file }`.":
    "Secret qui ouvre la page depuis d’autres machines : `{ env }` ou `{ file }`.",
  "Scrypt hash of the password that people sign in with, as `deno task password` prints it: `{ file }`, `{ env }`, or the hash itself.":
    "Empreinte scrypt du mot de passe avec lequel on s’identifie, telle que l’affiche `deno task password` : `{ file }`, `{ env }`, ou l’empreinte elle-même.",
  "Launchers that count for /readyz; all of them unless given.":
    "Lanceurs qui comptent pour /readyz ; tous si rien n’est dit.",
  "Host names under which the page may be asked for, behind a proxy.":
    "Noms d’hôte sous lesquels la page peut être demandée, derrière un proxy.",
  "The status page.": "La page d’état.",
  "The least grave kind of line that is written.": "La gravité à partir de laquelle une ligne est écrite.",
  "Lines for people, or one JSON object each.": "Des lignes pour les gens, ou un objet JSON chacune.",
  "The log, on standard error.": "Le journal, sur la sortie d’erreur.",
  "Name to sign in with; a server that asks for none needs neither account nor password.":
    "Nom du compte ; un serveur qui n’en demande pas n’a besoin ni de account ni de password.",
  "Password of the account: `{ env }`, `{ file }`, or text.":
    "Mot de passe du compte : `{ env }`, `{ file }`, ou en texte.",
  "How long a launcher or service must have been in error before somebody is told. A new quarantine entry is told at once, further ones of the same launcher at most this often.":
    "Depuis combien de temps un lanceur ou un service doit être en erreur avant que quelqu’un soit prévenu. Une nouvelle entrée en quarantaine est annoncée aussitôt, les suivantes du même lanceur au plus à ce rythme.",
  "Language of the messages.": "Langue des messages.",
  "Address that gets each message as a JSON POST; its `text` is what Mattermost, Slack and Rocket.Chat show. `https`, or plain `http` to a private address written as numbers. Such addresses often hold a token: keep them in `{ env }` or `{ file }`.":
    "Adresse qui reçoit chaque message par POST en JSON ; son `text` est ce qu’affichent Mattermost, Slack et Rocket.Chat. `https`, ou `http` simple vers une adresse privée écrite en chiffres. Une telle adresse contient souvent un jeton : gardez-la dans `{ env }` ou `{ file }`.",
  "PEM file of a private certificate authority, trusted besides the public ones for the webhook.":
    "Fichier PEM d’une autorité de certification privée, admise en plus des publiques pour le webhook.",
  "Who gets each message as a mail; needs `[notify.smtp]`.":
    "Qui reçoit chaque message par courriel ; demande `[notify.smtp]`.",
  "Sender of these mails; the account of `[notify.smtp]` unless given.":
    "Expéditeur de ces courriels ; sinon le compte de `[notify.smtp]`.",
  "The server that sends the mails: a tunnel service, or a server with `tls`.":
    "Le serveur qui envoie les courriels : un service de tunnel, ou un serveur avec `tls`.",
  "Who is told when something needs a person: one message when it has been wrong for a while, one when it is well again. No mail content and no secret is in them.":
    "Qui est prévenu quand quelque chose a besoin de quelqu’un : un message quand cela va mal depuis un moment, un autre quand cela va de nouveau bien. Ils ne contiennent rien d’un courriel et aucun secret.",
  "The COLD's waiting directory under `cold.root`, such as `factures` or `compta/factures`; made if missing. With `ezged`, the waiting directory there (`ocr/wait/NAME`).":
    "Le répertoire d’attente du COLD sous `cold.root`, comme `factures` ou `compta/factures` ; créé s’il manque. Avec `ezged`, le répertoire d’attente là-bas (`ocr/wait/NOM`).",
  "Name of each delivered file. Placeholders: `{name}` as found, `{date}` of arrival, `{from}`, `{to}`, `{subject}`, `{message_id}` of the mail, `{n}` number within the item, `{sha256}` of the content, and for envelopes fields of their metadata such as `{type}` or `{numero}`. A name already taken gets a suffix.":
    "Nom de chaque fichier livré. Champs : `{name}` tel que trouvé, `{date}` d’arrivée, `{from}`, `{to}`, `{subject}`, `{message_id}` du courriel, `{n}` numéro dans l’élément, `{sha256}` du contenu, et pour les enveloppes des champs de leurs métadonnées comme `{type}` ou `{numero}`. Un nom déjà pris reçoit un suffixe.",
  "Characters that names of files may have: all (`unicode`, the default), those of Western Europe (`latin1`), or none but plain ones (`ascii`); others are written with these, œ as oe and Привет as Privet. Names within an envelope's directory stay as its metadata have them.":
    "Caractères que peuvent avoir les noms de fichiers : tous (`unicode`, par défaut), ceux d’Europe de l’Ouest (`latin1`), ou les plus simples (`ascii`) ; les autres sont écrits avec ceux-ci, œ devient oe et Привет Privet. Dans le dossier d’une enveloppe, les noms restent ceux de ses métadonnées.",
  "`flat`: files side by side (default); `directory`: all files of one item arrive in a directory, in one rename (default of `adullact` into a folder); `zip`: in one zip file.":
    "`flat` : les fichiers côte à côte (par défaut) ; `directory` : tous les fichiers d’un élément arrivent dans un répertoire, en un seul renommage (par défaut de `adullact` vers un dossier) ; `zip` : en un seul fichier zip.",
  "A document whose very content this launcher has delivered before, from another mail or file: `deliver` it again (default), `skip` it, or deliver it with `_doublon` behind its name (`mark`). Envelopes, and items in a `directory` or `zip`, are compared as a whole. Compared with what was delivered since the option was set.":
    "Un document dont ce lanceur a déjà livré le contenu même, venant d’un autre courriel ou fichier : le livrer encore (`deliver`, par défaut), l’écarter (`skip`), ou le livrer avec `_doublon` derrière son nom (`mark`). Les enveloppes, et les éléments en `directory` ou `zip`, sont comparés en entier. On compare avec ce qui a été livré depuis que l’option est mise.",
  "A file with what is known of the document (sender, subject, date…) beside each one. Leave it at `none` when the COLD's indexer takes every format: it would take the sidecar too. An envelope always has its `metadata.json`; with `xml` it has a `metadata.xml`, too.":
    "À côté de chaque document, un fichier avec ce que l’on sait de lui (expéditeur, objet, date…). Laissez `none` quand l’indexeur du COLD prend tous les formats : il prendrait aussi ce fichier. Une enveloppe a toujours son `metadata.json` ; avec `xml`, elle a aussi un `metadata.xml`.",
  "Whether bank accounts (IBAN), personal numbers (NIR), addresses of persons, and in Helios names of natural persons may stand in the `metadata.json` of an envelope. The files of the envelope are delivered as they are in any case.":
    "Si les comptes bancaires (IBAN), numéros de sécurité sociale (NIR), adresses de personnes et, dans Helios, noms de personnes physiques peuvent figurer dans le `metadata.json` d’une enveloppe. Les fichiers de l’enveloppe sont de toute façon livrés tels quels.",
  "Address of EzGED, as in a browser, without `/data`. Plain `http` only to a private address written as numbers: the password's hash could be read on the way.":
    "Adresse d’EzGED, comme dans un navigateur, sans `/data`. En `http` simple, seulement une adresse privée écrite en chiffres : l’empreinte du mot de passe pourrait être lue en chemin.",
  "EzGED user to sign in as; give it the rights it needs and no others.":
    "Utilisateur d’EzGED sous lequel s’identifier ; donnez-lui les droits nécessaires et aucun autre.",
  "Password of that user: `{ env }`, `{ file }`, or text.":
    "Mot de passe de cet utilisateur : `{ env }`, `{ file }`, ou en texte.",
  "The upload token of this EzGED, a constant that its own uploader sends: `{ env }`, `{ file }`, or text.":
    "Le jeton de dépôt de cet EzGED, une constante qu’envoie son propre programme de dépôt : `{ env }`, `{ file }`, ou en texte.",
  "LDAP domain of the user; the password is then sent as it is (inside TLS), not as a hash.":
    "Domaine LDAP de l’utilisateur ; le mot de passe est alors envoyé tel quel (dans TLS), non sous forme d’empreinte.",
  "PEM file of a private certificate authority, trusted beside the public ones.":
    "Fichier PEM d’une autorité de certification privée, admise en plus des publiques.",
  "How a row's columns are written: `indexed`, `fields[0]=…` (as documented), or `json`, one JSON list each (older servers).":
    "Comment les colonnes d’une ligne sont écrites : `indexed`, `fields[0]=…` (comme documenté), ou `json`, une liste JSON pour chaque (serveurs plus anciens).",
  "How long EzGED may take to answer once it has the whole request.":
    "Combien de temps EzGED peut mettre à répondre une fois la demande entière reçue.",
  'An EzGED reached over its web service, for launchers with `ezged = "NAME"`. Experimental: built from public documentation, not yet tried on a real EzGED.':
    'Un EzGED atteint par son service web, pour les lanceurs avec `ezged = "NOM"`. Expérimental : fait d’après la documentation publique, pas encore essayé sur un vrai EzGED.',
  "NAME of an `[ezged.NAME]` in gateway.toml: documents go to that EzGED over its web service, into the waiting directory `cold` there or, with `record`, into a table. Experimental: built from public documentation, not yet tried on a real EzGED.":
    "NOM d’un `[ezged.NOM]` de gateway.toml : les documents vont à cet EzGED par son service web, dans son répertoire d’attente `cold` ou, avec `record`, dans une table. Expérimental : fait d’après la documentation publique, pas encore essayé sur un vrai EzGED.",
  "The document type's table.": "La table du type de document.",
  "What each column gets: text with the placeholders of `deliver.name`, and `{datetime}` (`2026-01-31 08:05:00`, UTC), `{to}`, `{size}`, `{launcher}`, `{item}`, `{id}` (32 letters and digits, the same for one document at every attempt). A column whose text comes out empty is left out.":
    "Ce que reçoit chaque colonne : un texte avec les champs de `deliver.name`, et `{datetime}` (`2026-01-31 08:05:00`, UTC), `{to}`, `{size}`, `{launcher}`, `{item}`, `{id}` (32 lettres et chiffres, les mêmes pour un document à chaque essai). Une colonne dont le texte est vide est omise.",
  "EzGED's QRY_ID of a view on this table; with `find` it tells whether a row is there.":
    "Le QRY_ID, dans EzGED, d’une vue sur cette table ; avec `find`, elle dit si une ligne y est.",
  "A column of `columns` whose text is unlike any other's, best one with `{id}`: when the answer to an insertion is lost, the row is looked for by it. Without it such a document goes to quarantine, for a person to look.":
    "Une colonne de `columns` dont le texte ne ressemble à aucun autre, de préférence avec `{id}` : quand la réponse à une insertion s’est perdue, la ligne est cherchée par elle. Sans elle un tel document va en quarantaine, pour que quelqu’un regarde.",
  "Whether EzGED keeps the file in its own format; `false`: only what it converts it to.":
    "Si EzGED garde le fichier dans son propre format ; `false` : seulement ce en quoi il le convertit.",
  "How long one poll waits for EzGED to have filed what it was given; what takes longer is asked for again at the next poll.":
    "Combien de temps une relève attend qu’EzGED ait classé ce qu’il a reçu ; ce qui dure plus longtemps est redemandé à la relève suivante.",
  "With `ezged`, instead of `cold`: each document becomes a row of a table with the file attached.":
    "Avec `ezged`, au lieu de `cold` : chaque document devient une ligne d’une table, avec le fichier attaché.",
  "`attachments`: the files in a mail (default); `message`: the mail itself as an .eml file; `both`: the files, then the .eml.":
    "`attachments` : les fichiers d’un courriel (par défaut) ; `message` : le courriel lui-même en fichier .eml ; `both` : les fichiers, puis le .eml.",
  "A mail with no file in it: `skip` it (default), `deliver` it as an .eml file, or put it into `quarantine`.":
    "Un courriel sans fichier : l’écarter (`skip`, par défaut), le livrer en fichier .eml (`deliver`), ou le mettre en quarantaine (`quarantine`).",
  "Whether images that are shown within the text, such as logos and signatures, are taken too; otherwise only attached ones are.":
    "Si les images montrées dans le texte, comme les logos et les signatures, sont prises aussi ; sinon seulement celles qui sont jointes.",
  "Images smaller than this are left out, as they are logos and counters; `0` takes all.":
    "Les images plus petites sont laissées, car ce sont des logos et des compteurs ; `0` les prend toutes.",
  "Mails attached to a mail, or forwarded in it as certified mail does: `keep` each whole as an .eml file (default), or `open` it and take its files.":
    "Courriels joints à un courriel, ou transférés dans lui comme le fait le courriel certifié : garder chacun entier en fichier .eml (`keep`, par défaut), ou l’ouvrir (`open`) et prendre ses fichiers.",
  "A signed mail in one piece (S/MIME, `smime.p7m`) or a signed file (`facture.pdf.p7m`): `open` it and take what was signed (default), or `keep` it as it came. Signatures are not verified. An encrypted mail (S/MIME, OpenPGP) goes to quarantine, unless kept.":
    "Un courriel signé d’un seul bloc (S/MIME, `smime.p7m`) ou un fichier signé (`facture.pdf.p7m`) : l’ouvrir (`open`, par défaut) et prendre ce qui a été signé, ou le garder tel quel (`keep`). Les signatures ne sont pas vérifiées. Un courriel chiffré (S/MIME, OpenPGP) va en quarantaine, à moins d’être gardé.",
  "A `winmail.dat`, in which Outlook packs the files of a mail: `open` it and take its files (default), or `keep` it as it came.":
    "Un `winmail.dat`, où Outlook empaquette les fichiers d’un courriel : l’ouvrir (`open`, par défaut) et prendre ses fichiers, ou le garder tel quel (`keep`).",
  "Zip archives: `keep` each as it came (default), or `open` it and take its files, those of archives within it too. The filter then applies to these. An encrypted one goes to quarantine.":
    "Archives zip : garder chacune telle quelle (`keep`, par défaut), ou l’ouvrir (`open`) et prendre ses fichiers, ceux des archives qu’elle contient aussi. Le filtre s’applique alors à eux. Une archive chiffrée va en quarantaine.",
  "Whether the XML within a Factur-X or ZUGFeRD invoice is delivered beside its PDF, as `NAME_factur-x.xml`. A PDF that cannot be read is delivered alone, and the report of the run says why.":
    "Si le XML d’une facture Factur-X ou ZUGFeRD est livré à côté de son PDF, sous le nom `NOM_factur-x.xml`. Un PDF qui ne peut être lu est livré seul, et le rapport de la relève dit pourquoi.",
  "How much may come out of the archives and winmail.dat of one mail; beyond, it goes to quarantine.":
    "Ce qui peut sortir des archives et du winmail.dat d’un courriel ; au-delà, il va en quarantaine.",
  "Mails larger than this are left where they are.": "Les courriels plus gros sont laissés où ils sont.",
  "How long fetching one mail and taking it apart may take; then it is tried again later.":
    "Combien de temps récupérer et démonter un courriel peut prendre ; ensuite il est retenté plus tard.",
  "Kinds of envelopes that are decoded when an attached zip, tar.gz or XML file is one. Each is then delivered as those of `adullact` are: in a directory of its own, unless `deliver.group` says otherwise. The filter applies to its name.":
    "Sortes d’enveloppes qui sont décodées quand un zip, un tar.gz ou un XML joint en est une. Chacune est alors livrée comme celles de `adullact` : dans un répertoire à elle, à moins que `deliver.group` ne dise autre chose. Le filtre s’applique à son nom.",
  "Key that tells {0}.": "Clé qui désigne {0}.",
  "Listens to a folder of envelopes.": "Écoute un dossier d’enveloppes.",
  "A directory with neither an end marker nor metadata, as S²LOW and Pastell 1 leave them: `wait` (default), or `take` it when nothing in it has changed for `unfinished_after`.":
    "Un dossier sans marque de fin ni métadonnées, comme en laissent S²LOW et Pastell 1 : l’attendre (`wait`, par défaut), ou le prendre (`take`) quand rien n’y a changé pendant `unfinished_after`.",
  'Whether files lie loose in the folder, as in Pastell\'s mode "files at the root": a metadata file and the files that it lists are then one envelope, and an XML file is taken with its metadata only.':
    "Si les fichiers sont à même le dossier, comme dans le mode « fichiers à la racine » de Pastell : un fichier de métadonnées et les fichiers qu’il cite sont alors une enveloppe, et un fichier XML n’est pris qu’avec ses métadonnées.",
  "Files that say that a directory is complete; without one it has to stand still and hold a metadata file and all that this lists.":
    "Fichiers qui disent qu’un dossier est complet ; sans eux, il doit rester stable et contenir un fichier de métadonnées et tout ce que celui-ci cite.",
  "Names of files that are still being sent, as patterns with * and ?.":
    "Noms des fichiers en cours d’envoi, comme motifs avec * et ?.",
  "Metadata keys by which the type of an envelope is told.":
    "Clés de métadonnées qui disent le type d’une enveloppe.",
  "Listens to files in a folder": "Écoute les fichiers d’un dossier",
  "Whether files in subfolders are taken too": "Si les fichiers des sous-dossiers sont pris aussi",
  "What becomes of a delivered mail on the server: keep, delete, or { delete_after_days = N }, counted from the mail's arrival there":
    "Ce que devient sur le serveur un courriel livré : keep, delete, ou { delete_after_days = N }, compté depuis son arrivée là-bas",
  "Service of a .conf file through which the server is reached; instead of server":
    "Service d’un fichier .conf par lequel le serveur est atteint ; au lieu de server",
  "Host name or address of the mail server; instead of tunnel":
    "Nom d’hôte ou adresse du serveur de courriel ; au lieu de tunnel",
  "Port of the server; by default the protocol's own, for TLS or not":
    "Port du serveur ; par défaut celui du protocole, avec TLS ou sans",
  "How the connection is secured: implicit (the default) from the first octet, starttls after the greeting and never without, none not at all: the password travels in clear text":
    "Comment la connexion est sécurisée : implicit (par défaut) dès le premier octet, starttls après l’accueil et jamais sans, none pas du tout : le mot de passe voyage en clair",
  "PEM file of a private certificate authority, trusted beside the public ones":
    "Fichier PEM d’une autorité de certification privée, admise en plus des publiques",
  "Name to sign in with, mostly the mail address": "Nom du compte, le plus souvent l’adresse de courriel",
  "What proves the account: its password, or an OAuth 2 access token (xoauth2)":
    "Ce qui prouve le compte : son mot de passe, ou un jeton d’accès OAuth 2 (xoauth2)",
  "Password of the account, for Gmail an app password: { env }, { file }, or text":
    "Mot de passe du compte, chez Gmail un mot de passe d’application : { env }, { file }, ou en texte",
  'Where the access token is, for auth = "xoauth2", asked anew at each connection: a file, or a program that prints it and may be run only when LANCEUR_RUN names its absolute path in the environment of the gateway. Of that environment it gets PATH, HOME, the language, folders and proxies, and what env names: { command = ["/usr/local/bin/token"], env = ["CLIENT_SECRET"] }':
    'Où est le jeton d’accès, pour auth = "xoauth2", redemandé à chaque connexion : un fichier, ou un programme qui l’affiche, et qui ne peut être lancé que si LANCEUR_RUN nomme son chemin absolu dans l’environnement de la passerelle. De cet environnement il reçoit PATH, HOME, la langue, les dossiers et les proxys, et ce que nomme env : { command = ["/usr/local/bin/token"], env = ["CLIENT_SECRET"] }',
  'Mailbox whose mails are taken; "INBOX" unless given':
    'Boîte dont les courriels sont pris ; "INBOX" si rien n’est dit',
  "Several mailboxes, taken in this order; instead of mailbox":
    "Plusieurs boîtes, prises dans cet ordre ; au lieu de mailbox",
  "Take only mails that nobody has read yet; lanceur itself never marks a mail by reading it":
    "Ne prendre que les courriels que personne n’a lus ; lanceur lui-même n’en marque jamais un en le lisant",
  "Take only mails that arrived within so many days; all of them unless given":
    "Ne prendre que les courriels arrivés depuis tant de jours ; tous si rien n’est dit",
  "What becomes of a mail whose documents have all been delivered: keep it untouched, mark it as seen, flag it (with a star, or with a keyword), delete it (on Gmail: to its bin), move it to a mailbox, made if missing, or on Gmail give it a label":
    "Ce que devient un courriel dont tous les documents ont été livrés : le laisser intact (keep), le marquer comme lu (seen), le marquer d’une étoile ou d’un mot-clé (flag), le supprimer (delete ; chez Gmail : vers la corbeille), le déplacer dans une boîte, créée si elle manque (move), ou chez Gmail lui donner un libellé (label)",
  "Refuse a mail whose size is not the one that the server announced; false only where the server announces estimates, as Exchange does (recognised by itself)":
    "Refuser un courriel dont la taille n’est pas celle que le serveur a annoncée ; false seulement là où le serveur annonce des estimations, comme Exchange (reconnu de lui-même)",
  "Folder to look into; relative to the folder that holds launchers.d":
    "Dossier à examiner ; relatif au dossier qui contient launchers.d",
  "Size and time of a file are read twice, this far apart; it is taken when they are the same":
    "La taille et la date d’un fichier sont lues deux fois, à cet intervalle ; il est pris quand elles sont les mêmes",
  "An envelope that is not whole is waited for. When nothing in it has changed for this long, the page says so; a directory that lacks only files its metadata list, or the end marker, is then taken as it is":
    "Une enveloppe incomplète est attendue. Quand rien n’y a changé depuis ce temps, la page le dit ; un dossier auquel ne manquent que des fichiers cités par ses métadonnées, ou la marque de fin, est alors pris tel quel",
  "Folder to move it to, relative to path; where its name is taken it gets a number":
    "Dossier où le déplacer, relatif à path ; si son nom y est pris, il reçoit un numéro",
  'What becomes of an original once it was delivered: "keep", "delete" or { move = "done" }':
    'Ce que devient un original une fois livré : "keep", "delete" ou { move = "done" }',
  "Patterns between slashes, such as `'/.*\\.(?!db).*/'`; a document is taken when its name matches every one, from the start of the name. Flags after the last slash: `i` takes upper and lower case alike.":
    "Motifs entre deux barres, comme `'/.*\\.(?!db).*/'` ; un document est pris quand son nom correspond à tous, depuis le début du nom. Options après la dernière barre : `i` tient majuscules et minuscules pour égales.",
  "Largest document taken, such as `50 MB`.": "Plus gros document pris, par exemple `50 MB`.",
  "Smallest document taken, such as `1 KB`.": "Plus petit document pris, par exemple `1 KB`.",
  "Mails dated longer ago than this many days are left.":
    "Les courriels datés d’il y a plus de jours que cela sont laissés.",
  "How many files an envelope may have, those embedded in its messages included, or all envelopes of one mail together; beyond, it goes to quarantine. Each takes about 3 KB of the decoder's memory, which is 512 MB.":
    "Combien de fichiers une enveloppe peut avoir, y compris ceux que contiennent ses messages, ou toutes les enveloppes d’un courriel ensemble ; au-delà, elle va en quarantaine. Chacun prend environ 3 Ko de la mémoire du décodeur, qui est de 512 Mo.",
};
