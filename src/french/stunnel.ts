/** Problems of the .conf files. */
import type { Catalogue } from "./translator.ts";

/** The sentences of this area. */
export const STUNNEL: Catalogue = {
  "the line is longer than 16 KiB": "la ligne dépasse 16 Kio",
  "a NUL character stands in the line; what follows it is ignored, as stunnel does":
    "un caractère NUL se trouve dans la ligne ; ce qui le suit est ignoré, comme chez stunnel",
  'there is no "=" in it': "il n’y a pas de « = »",
  'there is no option before "="': "il n’y a pas d’option avant « = »",
  "stunnel would reject this line: a comment needs a line of its own; it is ignored here":
    "stunnel refuserait cette ligne : un commentaire veut une ligne à lui ; il est ignoré ici",
  "Cannot include more: there are over {0} include lines":
    "Impossible d’inclure davantage : il y a plus de {0} lignes include",
  'Cannot include "{0}": it lies outside "{1}"': "Impossible d’inclure « {0} » : il est hors de « {1} »",
  "Move the folder beside the file, or give its files on the command line as well":
    "Mettez ce dossier à côté du fichier, ou donnez aussi ses fichiers sur la ligne de commande",
  'Left out of "{0}", as their names do not end in .conf: {1}':
    "Laissés de côté dans « {0} », leurs noms ne finissant pas par .conf : {1}",
  'Cannot include "{0}": {1}': "Impossible d’inclure « {0} » : {1}",
  "no right to read it": "pas le droit de le lire",
  "it is no folder": "ce n’est pas un dossier",
  "it is a folder": "c’est un dossier",
  "needs to be a host and a port": "doit être un hôte et un port",
  "port 0 is no port to connect to": "le port 0 n’est pas un port où se connecter",
  "delay: names are looked up for every connection": "delay : les noms sont cherchés à chaque connexion",
  "reset = no: a mail cut short upstream looks complete to the mail program":
    "reset = no : un courriel coupé en amont semble complet au programme de courriel",
  "needs to be a host name": "doit être un nom d’hôte",
  "needs to be an IP address": "doit être une adresse IP",
  "names of persons in certificates are not checked":
    "les noms de personnes dans les certificats ne sont pas vérifiés",
  "certificate stores of OpenSSL are not supported":
    "les magasins de certificats d’OpenSSL ne sont pas pris en charge",
  "Export it to a PEM file and set CAfile": "Exportez-le en fichier PEM et donnez CAfile",
  "engines are not supported": "les moteurs (engine) ne sont pas pris en charge",
  "needs to be a host name; services chosen by the client's SNI are not supported":
    "doit être un nom d’hôte ; les services choisis par le SNI du client ne sont pas pris en charge",
  "revoked certificates are not recognised": "les certificats révoqués ne sont pas reconnus",
  "sslVersion = TLSv1.2 forbids TLS 1.3 in stunnel; this takes 1.2 and newer":
    "sslVersion = TLSv1.2 interdit TLS 1.3 chez stunnel ; ici 1.2 et plus récent sont pris",
  "sslVersionMax = TLSv1.2 forbids TLS 1.3 in stunnel; this has no upper limit":
    "sslVersionMax = TLSv1.2 interdit TLS 1.3 chez stunnel ; ici il n’y a pas de limite haute",
  "ignored, only current ciphers and curves are used":
    "ignoré, seuls les chiffrements et courbes actuels sont utilisés",
  "renegotiation: ignored, TLS connections are never renegotiated":
    "renegotiation : ignoré, les connexions TLS ne sont jamais renégociées",
  "is not supported; pop3, imap, smtp and connect are":
    "n’est pas pris en charge ; pop3, imap, smtp et connect le sont",
  "protocolPassword: the password stands in clear text in this file":
    "protocolPassword : le mot de passe est en clair dans ce fichier",
  "Let nobody else read it: chmod 600": "Ne laissez personne d’autre le lire : chmod 600",
  "is not supported; basic is": "n’est pas pris en charge ; basic l’est",
  "protocolAuthentication = login: PLAIN is used, which every server with LOGIN knows":
    "protocolAuthentication = login : c’est PLAIN qui est utilisé, que tout serveur avec LOGIN connaît",
  "only NTLM needs it, which is not supported": "seul NTLM en a besoin, qui n’est pas pris en charge",
  "headers of your own are not supported": "les en-têtes à vous ne sont pas pris en charge",
  "TIMEOUTidle under 1800 seconds cuts IMAP connections that wait for mail (IDLE)":
    "TIMEOUTidle sous 1800 secondes coupe les connexions IMAP qui attendent du courriel (IDLE)",
  "ignored, it has a meaning beside exec alone": "ignoré, n’a de sens qu’à côté d’exec",
  "pre-shared keys are not supported": "les clés prépartagées ne sont pas prises en charge",
  "Use certificates": "Utilisez des certificats",
  "keys in tokens are not supported": "les clés sur carte (token) ne sont pas prises en charge",
  "Set cert and key to PEM files": "Donnez à cert et key des fichiers PEM",
  "ignored, a program on Deno cannot give up its rights by itself":
    "ignoré, un programme sur Deno ne peut renoncer lui-même à ses droits",
  "Start it as that user, and give it only the rights it needs (tunnel/README.md)":
    "Lancez-le sous ce compte, avec les seuls droits dont il a besoin (tunnel/README.md)",
  "ignored, sessions are not resumed": "ignoré, les sessions ne sont pas reprises",
  "ignored, see the settings of the log": "ignoré, voyez les réglages du journal",
  "ignored, the section's own name stands in the log and on the page":
    "ignoré, le nom de la section figure dans le journal et sur la page",
  "ignored, logs go to standard error and the service manager watches the process":
    "ignoré, le journal va sur la sortie d’erreur et le gestionnaire de services surveille le processus",
  "ignored, it has no meaning without OpenSSL": "ignoré, cela n’a pas de sens sans OpenSSL",
  "cannot be followed here": "ne peut être suivi ici",
  "there are already {0} in this section": "il y en a déjà {0} dans cette section",
  "{0}: only yes and no": "{0} : seulement yes et no",
  "{0} = 0 would cut every connection; the usual limit is kept":
    "{0} = 0 couperait toutes les connexions ; la limite habituelle est gardée",
  "{0}: not supported, so this section cannot run":
    "{0} : pas pris en charge, cette section ne peut donc fonctionner",
  "Keep stunnel for this section": "Gardez stunnel pour cette section",
  "it asked for nothing, here the server is always verified":
    "cela ne demandait rien, ici le serveur est toujours vérifié",
  "it says the same as verifyChain = yes": "cela dit la même chose que verifyChain = yes",
  "it says the same as verifyChain = yes and verifyPeer = yes":
    "cela dit la même chose que verifyChain = yes et verifyPeer = yes",
  "it says the same as verifyPeer = yes": "cela dit la même chose que verifyPeer = yes",
  "needs to be a level from 0 to 4": "doit être un niveau de 0 à 4",
  "verify = {0} is obsolete: {1}": "verify = {0} est obsolète : {1}",
  "{0} is obsolete and insecure, and a current stunnel cannot connect with it either: TLS 1.2 or newer is used":
    "{0} est obsolète et peu sûr, et un stunnel actuel ne se connecte pas avec non plus : c’est TLS 1.2 ou plus récent qui est utilisé",
  "needs to be a switch of OpenSSL, as in NO_TLSv1_1": "doit être un réglage d’OpenSSL, comme NO_TLSv1_1",
  "options = {0}: obsolete versions are never used":
    "options = {0} : les versions obsolètes ne sont jamais utilisées",
  "options = {0}: TLS 1.3 alone is used": "options = {0} : seul TLS 1.3 est utilisé",
  "options = {0}: ignored, it is a switch of OpenSSL": "options = {0} : ignoré, c’est un réglage d’OpenSSL",
  "needs to be a, l or r, a colon and OPTION=VALUE": "doit être a, l ou r, deux-points et OPTION=VALEUR",
  "no such option of sockets; these are in capital letters":
    "cette option de sockets n’existe pas ; elles sont en majuscules",
  "socket: {0}": "socket : {0}",
  "keepalive is always on": "keepalive est toujours actif",
  "ignored, TCP_NODELAY is always set": "ignoré, TCP_NODELAY est toujours mis",
  "A section needs where to listen (accept = 127.0.0.1:110) and where to connect to (connect = pop.example.org:995)":
    "Une section doit dire où écouter (accept = 127.0.0.1:110) et où se connecter (connect = pop.example.org:995)",
  "Cannot run the section in server mode: cert is missing":
    "Impossible de faire fonctionner la section en mode serveur : cert manque",
  "Add cert = FILE.pem (and key), or client = yes if this section is to connect by TLS":
    "Ajoutez cert = FICHIER.pem (et key), ou client = yes si cette section doit se connecter en TLS",
  "Cannot ask clients for certificates: server mode does not support it":
    "Impossible de demander des certificats aux clients : le mode serveur ne le prend pas en charge",
  "Leave verify… and requireCert out": "Ôtez verify… et requireCert",
  'Cannot use "protocol = connect" in server mode: it leads out through a proxy':
    "Impossible d’utiliser « protocol = connect » en mode serveur : cela sort par un proxy",
  'Cannot use sslVersionMax = "{0}": it is older than sslVersionMin = {1}':
    'Impossible d’utiliser sslVersionMax = "{0}" : c’est plus ancien que sslVersionMin = {1}',
  "Leave sslVersionMax out": "Ôtez sslVersionMax",
  'Cannot use "protocol = connect": protocolHost is missing':
    "Impossible d’utiliser « protocol = connect » : protocolHost manque",
  "Add protocolHost = HOST:PORT, the server behind the proxy":
    "Ajoutez protocolHost = HÔTE:PORT, le serveur derrière le proxy",
  "protocolHost: ignored, only protocol = connect uses it here":
    "protocolHost : ignoré, seul protocol = connect l’utilise ici",
  "{0}: ignored, only protocol = smtp and protocol = connect of a client section sign in":
    "{0} : ignoré, seuls protocol = smtp et protocol = connect d’une section cliente s’identifient",
  "{0}: nobody signs in, as {1} is missing": "{0} : personne ne s’identifie, car {1} manque",
  "Cannot send protocolPassword to a server that is not verified (verify = no): anybody could take it":
    "Impossible d’envoyer protocolPassword à un serveur qui n’est pas vérifié (verify = no) : n’importe qui pourrait le prendre",
  "Remove verify = no; for a private authority set CAfile, for a self-signed server pin it with verifyPeer = yes and CAfile":
    "Ôtez verify = no ; pour une autorité privée mettez CAfile, pour un serveur auto-signé épinglez-le avec verifyPeer = yes et CAfile",
  "connect = {0} in client mode means this machine, which is unusual":
    "connect = {0} en mode client désigne cette machine, ce qui est inhabituel",
  "stunnel would listen on all interfaces for an accept without address; this listens on 127.0.0.1 alone":
    "stunnel écouterait sur toutes les interfaces pour un accept sans adresse ; ici on n’écoute que sur 127.0.0.1",
  "Write the address that is meant, as in accept = 127.0.0.1:110":
    "Écrivez l’adresse voulue, comme dans accept = 127.0.0.1:110",
  "Other machines can reach {0}: passwords and mail cross the network in clear text":
    "D’autres machines peuvent atteindre {0} : mots de passe et courriel traversent le réseau en clair",
  "{0}; it is not opened": "{0!} ; elle n’est pas ouverte",
  "Listen on 127.0.0.1, or add unsafe-listen = yes to the section to accept the danger":
    "Écoutez sur 127.0.0.1, ou ajoutez unsafe-listen = yes à la section pour accepter le danger",
  "Mail from any machine reaches {0} as if it came from this one: a mail server that trusts its own machine becomes an open relay":
    "Le courriel de n’importe quelle machine atteint {0} comme s’il venait de celle-ci : un serveur de courriel qui se fie à sa propre machine devient un relais ouvert",
  "Let the mail server ask for a password also on this machine, or accept on a trusted network alone":
    "Faites que le serveur de courriel demande un mot de passe même sur cette machine, ou n’écoutez que sur un réseau de confiance",
  "verify = no: any server is taken for the right one, passwords can be stolen on the way":
    "verify = no : n’importe quel serveur est pris pour le bon, les mots de passe peuvent être volés en chemin",
  "Remove it; for a private authority set CAfile, for a self-signed server pin it with verifyPeer = yes and CAfile":
    "Ôtez-le ; pour une autorité privée mettez CAfile, pour un serveur auto-signé épinglez-le avec verifyPeer = yes et CAfile",
  "Cannot pin the server's certificate: CAfile is missing":
    "Impossible d’épingler le certificat du serveur : CAfile manque",
  "Set CAfile to a PEM file with it": "Donnez à CAfile un fichier PEM qui le contient",
  "The server's own certificate must be one of those in CAfile":
    "Le certificat du serveur lui-même doit être de ceux de CAfile",
  "stunnel accepted any certificate here; this accepts only a valid one for the host connected to":
    "stunnel acceptait ici n’importe quel certificat ; seul est accepté un certificat valable pour l’hôte auquel on se connecte",
  "For a private authority set CAfile, for a self-signed server pin it with verifyPeer = yes and CAfile":
    "Pour une autorité privée mettez CAfile, pour un serveur auto-signé épinglez-le avec verifyPeer = yes et CAfile",
  "Write verifyChain = yes to say that it is meant; CAfile alone made stunnel check nothing":
    "Écrivez verifyChain = yes pour dire que c’est voulu ; avec CAfile seul, stunnel ne vérifiait rien",
  "stunnel checked the certificate's chain here; this also checks that it names the host":
    "stunnel vérifiait ici la chaîne du certificat ; ici on vérifie aussi qu’il nomme l’hôte",
  "Write checkHost = NAME where the certificate names another host than connect, or to say that this is known":
    "Écrivez checkHost = NOM si le certificat nomme un autre hôte que connect, ou pour dire que vous le savez",
  "stunnel would reject this spelling": "stunnel refuserait cette écriture",
  'needs to be "yes" or "no"': "doit être « yes » ou « no »",
  "needs to be a whole number from {0} to {1}": "doit être un nombre entier de {0} à {1}",
  "needs to be one of {0}": "doit être l’un de {0}",
  "is too long for a UNIX socket": "est trop long pour un socket UNIX",
  "is no path for a UNIX socket": "n’est pas un chemin de socket UNIX",
  "needs to be a host and a port, as in localhost:110": "doit être un hôte et un port, comme localhost:110",
  "{0}: IPv6 addresses have no brackets": "{0} : les adresses IPv6 n’ont pas de crochets",
  "its port is neither a number up to 65535 nor a known name of one":
    "son port n’est ni un nombre jusqu’à 65535 ni un nom connu",
  'stunnel would not know "{0}": services are in small letters':
    "stunnel ne connaîtrait pas « {0} » : les services sont en minuscules",
  'Cannot read "{0}": it is larger than {1} MiB': "Impossible de lire « {0} » : il dépasse {1} Mio",
  'Cannot read the pinned certificate "{0}": {1}': "Impossible de lire le certificat épinglé « {0} » : {1}",
  'CAfile "{0}" {1}; the public authorities are trusted instead':
    "CAfile « {0} » {1} ; ce sont les autorités publiques qui ont confiance",
  'Cannot read CAfile "{0}": {1}': "Impossible de lire CAfile « {0} » : {1}",
  "It needs certificates in PEM form": "Il faut des certificats au format PEM",
  'CApath "{0}" is no folder here; the public authorities are trusted instead':
    "CApath « {0} » n’est pas un dossier ici ; ce sont les autorités publiques qui ont confiance",
  "Cannot pin the server's certificate: CApath holds none":
    "Impossible d’épingler le certificat du serveur : CApath n’en contient pas",
  "does not exist": "n’existe pas",
  "it cannot be read": "il ne peut être lu",
  "it holds no certificate in PEM form": "il ne contient aucun certificat au format PEM",
  "certificate {0} in it is damaged": "le certificat {0} y est abîmé",
  'Cannot use "{0}": PKCS#12 is not supported':
    "Impossible d’utiliser « {0} » : PKCS#12 n’est pas pris en charge",
  "Convert it: openssl pkcs12 -in {0} -nodes -out {1}":
    "Convertissez-le : openssl pkcs12 -in {0} -nodes -out {1}",
  "Put certificate and key there, in PEM form, readable by the gateway; a client needs them only where the server asks for them: else remove cert and key":
    "Mettez-y le certificat et la clé au format PEM, lisibles par la passerelle ; un client n’en a besoin que si le serveur les demande : sinon retirez cert et key",
  "Put the server's certificate there, in PEM form, readable by the gateway":
    "Mettez-y le certificat du serveur au format PEM, lisible par la passerelle",
  "Move the line above the first section, or remove it":
    "Mettez la ligne avant la première section, ou retirez-la",
  "Put the certificate there, in PEM form, or remove CAfile":
    "Mettez-y le certificat au format PEM, ou retirez CAfile",
  "Make that folder, with certificates in PEM form, or remove CApath":
    "Créez ce dossier, avec des certificats au format PEM, ou retirez CApath",
  'Cannot read the certificate "{0}": {1}': "Impossible de lire le certificat « {0} » : {1}",
  'Cannot read the key "{0}": it holds no unencrypted private key in PEM form':
    "Impossible de lire la clé « {0} » : elle ne contient aucune clé privée non chiffrée au format PEM",
  'Other users can read or change the private key "{0}"':
    "D’autres utilisateurs peuvent lire ou changer la clé privée « {0} »",
  'Cannot read the key "{0}": {1}': "Impossible de lire la clé « {0} » : {1}",
  "Cannot run the sections from here on: there are more than {0}":
    "Impossible de faire fonctionner les sections à partir d’ici : il y en a plus de {0}",
  'There is another section "{0}": both run, but neither can be named by a launcher':
    "Il y a une autre section « {0} » : toutes deux fonctionnent, mais aucun lanceur ne peut les nommer",
  "Cannot find a section: without one stunnel runs under inetd, which this does not":
    "Impossible de trouver une section : sans section, stunnel tourne sous inetd, ce qui n’existe pas ici",
  "There is no section in it, so nothing runs": "Il n’y a pas de section, rien ne fonctionne donc",
  "Begin a service with a line such as [gmail-pop3]": "Commencez un service par une ligne comme [gmail-pop3]",
  "line {0}": "ligne {0}",
  "Cannot run the section: {0}, which stands before all sections, is faulty":
    "Impossible de faire fonctionner la section : {0}, qui précède toutes les sections, est erronée",
  "Cannot read the line{0}: {1}": "Impossible de lire la ligne{0} : {1}",
  'Cannot use the option "{0}": neither stunnel nor this program knows it':
    "Impossible d’utiliser l’option « {0} » : ni stunnel ni ce programme ne la connaît",
  "Cannot use {0} in a section: it belongs before the first one":
    "Impossible d’utiliser {0} dans une section : sa place est avant la première",
  "Check its spelling, or remove the line": "Vérifiez son orthographe, ou ôtez la ligne",
  "Cannot use {0} ={1}: {2}": "Impossible d’utiliser {0} ={1} : {2}",
  "There are {0} more problems": "Il y a {0} autres problèmes",
  "Cannot run the section: accept and connect are missing":
    "Impossible de faire fonctionner la section : accept et connect manquent",
  "Cannot run the section: {0} is missing": "Impossible de faire fonctionner la section : {0} manque",
  "There is nothing to do; this warning ends when the line is removed":
    "Il n’y a rien à faire ; cet avertissement cesse quand la ligne est ôtée",
};
