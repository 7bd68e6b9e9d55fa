/** What sources report: mailboxes and folders, the connections to them. */
import type { Catalogue } from "./translator.ts";

/** The sentences of this area. */
export const SOURCES: Catalogue = {
  'Cannot connect through "{0}": there is no such tunnel service':
    "Impossible de se connecter par « {0} » : aucun service de tunnel ne porte ce nom",
  'Cannot connect through tunnel service "{0}": {1}':
    "Impossible de se connecter par le service de tunnel « {0} » : {1}",
  "it has no labels, as only Gmail does; use { flag = … } or { move = … }":
    "il n’a pas de libellés, que Gmail seul connaît ; utilisez { flag = … } ou { move = … }",
  "Cannot settle mails of {0} with after = { label = … }: {1}":
    "Impossible de traiter les courriels de {0} avec after = { label = … } : {1}",
  'open the mailbox "{0}" of {1}': "d’ouvrir la boîte « {0} » de {1}",
  "Cannot {0}: the server gives it no UIDVALIDITY":
    "Impossible {0!} : le serveur ne lui donne pas d’UIDVALIDITY",
  'look for UID {0} of "{1}"': "de chercher l’UID {0} de « {1} »",
  'list the mails of "{0}"': "de lister les courriels de « {0} »",
  "read ahead": "de lire à l’avance",
  'read the headers in "{0}"': "de lire les en-têtes dans « {0} »",
  "Cannot {0}: the server has numbered its mails anew (UIDVALIDITY) since they were listed":
    "Impossible {0!} : le serveur a renuméroté ses courriels (UIDVALIDITY) depuis qu’ils ont été listés",
  'read "{0}"': "de lire « {0} »",
  'Cannot {0}: the server answered "{1}"': "Impossible {0!} : le serveur a répondu « {1} »",
  "Cannot {0}: it is no longer there": "Impossible {0!} : il n’est plus là",
  "Cannot {0}: the server sent nothing": "Impossible {0!} : le serveur n’a rien envoyé",
  "Cannot {0}: the server does not keep to the range it is asked for":
    "Impossible {0!} : le serveur ne s’en tient pas à la partie demandée",
  'Cannot read "{0}": the server announced {1} octets and sent {2}; if it announces mere estimates, set exact_sizes = false':
    "Impossible de lire « {0} » : le serveur a annoncé {1} octets et en a envoyé {2} ; s’il n’annonce que des estimations, mettez exact_sizes = false",
  'it does not offer STARTTLS, and nothing is sent without; use tls = "implicit" and the port for that':
    'il ne propose pas STARTTLS, et rien n’est envoyé sans lui ; utilisez tls = "implicit" et le port prévu pour cela',
  "it wants to go on without STARTTLS: someone may be tampering with the connection":
    "il veut continuer sans STARTTLS : quelqu’un intervient peut-être sur la connexion",
  'it takes no password on this connection; use tls = "starttls" or "implicit"':
    'il n’accepte pas de mot de passe sur cette connexion ; utilisez tls = "starttls" ou "implicit"',
  'it offers no sign-in with an access token; use auth = "password", or another server':
    'il ne propose pas de connexion par jeton d’accès ; utilisez auth = "password", ou un autre serveur',
  "the mailbox cannot be reached by this account; check that IMAP is allowed for it":
    "ce compte n’a pas accès à la boîte ; vérifiez qu’IMAP lui est permis",
  "Cannot {0}: {1}": "Impossible {0!} : {1}",
  'Cannot sign in to {0} as "{1}"': "Impossible de s’identifier auprès de {0} comme « {1} »",
  '{0}: the server wants TLS first ("{1}"); use tls = "starttls"':
    '{0!} : le serveur veut d’abord TLS (« {1} ») ; utilisez tls = "starttls"',
  'the server wants us to wait, or to stay out: "{0}"':
    "le serveur demande d’attendre, ou de ne pas entrer : « {0} »",
  "access token": "le jeton d’accès",
  "renew the token, and check that it is for this account and for IMAP":
    "renouvelez le jeton, et vérifiez qu’il vaut pour ce compte et pour IMAP",
  "check account and password, and that IMAP is allowed for it; Gmail and some others want an app password here":
    "vérifiez le compte et le mot de passe, et qu’IMAP est permis à ce compte ; Gmail et quelques autres veulent ici un mot de passe d’application",
  '{0}: the {1} was refused: "{2}"{3}; {4}': "{0!} : {1!} a été refusé : « {2} »{3!} ; {4}",
  "the server refused it": "le serveur a refusé",
  'the server answered "{0}"': "le serveur a répondu « {0} »",
  " (status {0})": " (statut {0})",
  '{0} says goodbye: "{1}"': "{0} met fin à la session : « {1} »",
  "{0} closed the connection": "{0} a fermé la connexion",
  "{0} closed the connection without a greeting; check the port, how tls is set, and that the server lets this machine in":
    "{0} a fermé la connexion sans un mot ; vérifiez le port, le réglage de tls, et que le serveur admet cette machine",
  "; check that this port speaks TLS, and that the server lets this machine in":
    " ; vérifiez que ce port parle TLS, et que le serveur admet cette machine",
  "{0} does not greet; check that this port speaks IMAP, and how tls is set":
    "{0} ne répond pas ; vérifiez que ce port parle IMAP, et le réglage de tls",
  "{0} no longer answers": "{0} ne répond plus",
  "{0} sent more after STARTTLS than it may: someone may be tampering with the connection":
    "{0} a envoyé après STARTTLS plus qu’il ne doit : quelqu’un intervient peut-être sur la connexion",
  "{0} sent what is not IMAP ({1})": "{0} a envoyé autre chose que de l’IMAP ({1})",
  'Cannot use the name "{0}": it is taken': "Impossible d’utiliser le nom « {0} » : il est déjà pris",
  'Cannot read "{0}": it changed in the meantime': "Impossible de lire « {0} » : il a changé entre-temps",
  "a line of more than {0} octets": "une ligne de plus de {0} octets",
  "Cannot read from {0}: the server closed the connection":
    "Impossible de lire ce qu’envoie {0} : le serveur a fermé la connexion",
  "Cannot read from {0}: it closed the connection without a greeting; check the port, how tls is set, and that the server lets this machine in":
    "Impossible de lire ce qu’envoie {0} : il a fermé la connexion sans un mot ; vérifiez le port, le réglage de tls, et que le serveur admet cette machine",
  "Cannot read from {0}: no greeting within {1} s; check that this port speaks POP3, and how tls is set":
    "Impossible de lire ce qu’envoie {0} : il n’a rien dit en {1} s ; vérifiez que ce port parle POP3, et le réglage de tls",
  "Cannot read from {0}: no answer for {1} s":
    "Impossible de lire ce qu’envoie {0} : aucune réponse depuis {1} s",
  "Cannot understand {0}: it sent {1}; check that this is a POP3 server, and the port":
    "Impossible de comprendre {0} : il a envoyé {1} ; vérifiez que c’est un serveur POP3, et le port",
  'Cannot move originals to "{0}": it contains the folder they are in':
    "Impossible de déplacer les originaux vers « {0} » : il contient le dossier où ils sont",
  "it does not exist": "il n’existe pas",
  "permission denied by the system": "le système refuse l’accès",
  "the gateway was started without the right to it": "la passerelle a été lancée sans ce droit",
  "it is not a folder": "ce n’est pas un dossier",
  "another program has it open (device or resource busy)": "un autre programme l’a ouvert, ou l’occupe",
  "open the folder": "d’ouvrir le dossier",
  'Cannot open the folder "{0}": it is not a folder':
    "Impossible d’ouvrir le dossier « {0} » : ce n’est pas un dossier",
  "it does not exist; is the share mounted? Only folders next to launchers.d are made when missing":
    "il n’existe pas ; le partage est-il monté ? Seuls les dossiers voisins de launchers.d sont créés quand ils manquent",
  'Cannot open the folder "{0}": {1}': "Impossible d’ouvrir le dossier « {0} » : {1}",
  "make the folder": "de créer le dossier",
  "list the mailboxes of {0}": "de lister les boîtes de {0}",
  " and {0} more": " et {0} autres",
  'Cannot open the mailbox "{0}" of {1}: it does not exist; there are {2}{3}':
    "Impossible d’ouvrir la boîte « {0} » de {1} : elle n’existe pas ; il y a {2}{3}",
  'Cannot sign in as "{0}": the {1} is empty': "Impossible de s’identifier comme « {0} » : {1!} est vide",
  "look at": "d’examiner",
  "list the folder": "de lister le dossier",
  'Cannot take "{0}": its name is not UTF-8, rename it':
    "Impossible de prendre « {0} » : son nom n’est pas en UTF-8, renommez-le",
  '{0} UID {1} of "{2}"': "{0!} l’UID {1} de « {2} »",
  "Cannot {0}": "Impossible {0!}",
  'that mailbox takes no keyword "{0}"; use flag, seen or { move = … }':
    "cette boîte n’accepte pas le mot-clé « {0} » ; utilisez flag, seen ou { move = … }",
  'Cannot {0} UID {1} of "{2}": {3}': "Impossible {0!} l’UID {1} de « {2} » : {3}",
  "look for UID {0}": "de chercher l’UID {0}",
  'make the mailbox "{0}"': "de créer la boîte « {0} »",
  "mark as seen": "de marquer comme lu",
  'Cannot delete mail {0}: the server answered "{1}"':
    "Impossible de supprimer le courriel {0} : le serveur a répondu « {1} »",
  '"{0}" is the name of a file that is being sent': "« {0} » est le nom d’un fichier en cours d’envoi",
  "an empty file": "un fichier vide",
  "neither an end marker nor metadata is in it": "il n’y a là ni marque de fin ni métadonnées",
  '"{0}" is not whole': "« {0} » n’est pas complet",
  '"{0}" lists "{1}", which is not there': "« {0} » cite « {1} », qui n’y est pas",
  '"{0}" is too large to be compared with what is there':
    "« {0} » est trop volumineux pour être comparé à ce qui est là",
  '"{0}" came after "{1}", and no end marker yet':
    "« {0} » est venu après « {1} », et la marque de fin manque encore",
  "a zip without its end": "un zip dont la fin manque",
  "a tar.gz without its end": "un tar.gz dont la fin manque",
  "an XML file without its end": "un fichier XML dont la fin manque",
  "{0}: the mailbox is busy or the server wants us to wait: {1}":
    "{0!} : la boîte est occupée, ou le serveur demande d’attendre : {1}",
  "{0}: the server answered {1}": "{0!} : le serveur a répondu {1}",
  "renew the token, and check that it is for this account and for POP":
    "renouvelez le jeton, et vérifiez qu’il vaut pour ce compte et pour POP",
  "check account and password; Gmail and some others want an app password here":
    "vérifiez le compte et le mot de passe ; Gmail et quelques autres veulent ici un mot de passe d’application",
  "{0}: the {1} was refused: {2}; {3}": "{0!} : {1!} a été refusé : {2} ; {3}",
  "status {0}": "statut {0}",
  "Cannot use {0}: the session has ended": "Impossible d’utiliser {0} : la session est terminée",
  "a list without end": "une liste sans fin",
  "use {0}": "d’utiliser {0}",
  "{0} at {1}": "{0!} auprès de {1}",
  '"{0}" for an answer': "« {0} » pour réponse",
  "password": "le mot de passe",
  '"{0}" (tunnel)': "« {0} » (tunnel)",
  'it is not a PEM file; it should begin with "-----BEGIN CERTIFICATE-----"':
    "ce n’est pas un fichier PEM ; il devrait commencer par « -----BEGIN CERTIFICATE----- »",
  "it holds a {0}, not a certificate": "il contient « {0} », qui n’est pas un certificat",
  'Cannot use ca_file "{0}": {1}': "Impossible d’utiliser ca_file « {0} » : {1}",
  "certificate {0} of {1} is damaged": "le certificat {0} sur {1} est abîmé",
  "Cannot secure the connection to {0}: no TLS answer within {1} s; check that this port speaks TLS":
    "Impossible de sécuriser la connexion à {0} : aucune réponse TLS en {1} s ; vérifiez que ce port parle TLS",
  "connect to {0}": "de se connecter à {0}",
  "Cannot connect to {0}: no answer within {1} s; check the name, the port and the firewall":
    "Impossible de se connecter à {0} : aucune réponse en {1} s ; vérifiez le nom, le port et le pare-feu",
  "is not valid yet; check this machine's clock":
    "n’est pas encore valable ; vérifiez l’horloge de cette machine",
  "has expired; the server's administrator has to renew it, unless this machine's clock is wrong":
    "a expiré ; l’exploitant du serveur doit le renouveler, à moins que l’horloge de cette machine ne soit fausse",
  "is signed by an authority that is not known here; give the certificate of that authority as ca_file":
    "est signé par une autorité inconnue ici ; donnez le certificat de cette autorité dans ca_file",
  "is that of an authority itself; the server needs one of its own, signed by that authority":
    "est celui d’une autorité ; le serveur doit en avoir un à lui, signé par cette autorité",
  "has been revoked": "a été révoqué",
  'the server does not speak TLS on this port; use tls = "starttls", or the port that is for TLS':
    'le serveur ne parle pas TLS sur ce port ; utilisez tls = "starttls", ou le port prévu pour TLS',
  "the server is too old: it offers neither TLS 1.2 nor 1.3 with a cipher that is still safe":
    "le serveur est trop ancien : il ne propose ni TLS 1.2 ni TLS 1.3 avec un chiffrement encore sûr",
  "its certificate {0}": "son certificat {0}",
  "; it is for {0}": " ; il vaut pour {0}",
  'is not for "{0}"{1}; use a name that the certificate has':
    "ne vaut pas pour « {0} »{1} ; utilisez un nom que porte le certificat",
  "the connection was refused; check the port, and that the server is running":
    "la connexion a été refusée ; vérifiez le port, et que le serveur fonctionne",
  "this process has no permission to (--allow-net)": "ce processus n’en a pas le droit (--allow-net)",
  "the connection was cut": "la connexion a été coupée",
  "the other side no longer answers": "l’autre côté ne répond plus",
  "the connection is closed": "la connexion est fermée",
  'watch the mailbox "{0}" of {1}': "de surveiller la boîte « {0} » de {1}",
  "it sends far more than the {0} octets it announced":
    "il envoie bien plus que les {0} octets qu’il a annoncés",
  "Cannot fetch mail {0} from {1}: {2}": "Impossible de récupérer le courriel {0} auprès de {1} : {2}",
  "it ended after {0} of the {1} octets announced": "il s’est terminé après {0} des {1} octets annoncés",
  'Cannot talk to {0}: it says "{1}", which is no IMAP greeting; check the port, and how tls is set':
    "Impossible de dialoguer avec {0} : il dit « {1} », ce qui n’est pas l’accueil d’un serveur IMAP ; vérifiez le port, et le réglage de tls",
  "open a session": "d’ouvrir une session",
  'the server turned us away: "{0}"': "le serveur a refusé la session : « {0} »",
  "Cannot open a session with {0}: {1}": "Impossible d’ouvrir une session avec {0} : {1}",
  'the server does not offer STLS ("{0}"); use tls = "implicit" with the port that is for TLS':
    'le serveur ne propose pas STLS (« {0} ») ; utilisez tls = "implicit" et le port prévu pour TLS',
  "there was text between the server's answer and TLS; someone may be interfering":
    "du texte se trouvait entre la réponse du serveur et TLS ; quelqu’un intervient peut-être",
  "is damaged: it contains control characters": "est abîmé : il contient des caractères de contrôle",
  'Cannot sign in to {0} as "{1}": {2}': "Impossible de s’identifier auprès de {0} comme « {1} » : {2}",
  "use XOAUTH2": "d’utiliser XOAUTH2",
  'Cannot sign in to {0}: the server takes no access token: "{1}"; use auth = "password"':
    'Impossible de s’identifier auprès de {0} : le serveur n’accepte pas de jeton d’accès : « {1} » ; utilisez auth = "password"',
  '"{0}" in its list of mails': "« {0} » dans sa liste de courriels",
  'Cannot fetch mail {0} from {1}: the server answered "{2}"':
    "Impossible de récupérer le courriel {0} auprès de {1} : le serveur a répondu « {2} »",
  "read from {0}": "de lire ce qu’envoie {0}",
  "write to {0}": "d’envoyer à {0}",
  "secure the connection to {0}": "de sécuriser la connexion à {0}",
  "no metadata, or more than one, list this loose file":
    "ce fichier n’est cité par aucunes métadonnées, ou par plusieurs",
  "an envelope of Actes": "une enveloppe Actes",
  "an envelope of Helios (PES)": "une enveloppe Helios (PES)",
  "an envelope of Chorus Pro": "une enveloppe Chorus Pro",
};
