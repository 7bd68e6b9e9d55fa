/** What the tunnel reports of its services and connections. */
import type { Catalogue } from "./translator.ts";

/** The sentences of this area. */
export const TUNNEL: Catalogue = {
  "The connection was closed": "La connexion a été fermée",
  "Cannot read on: the server reset the connection":
    "Impossible de continuer à lire : le serveur a réinitialisé la connexion",
  "Cannot read on: the server left without closing TLS":
    "Impossible de continuer à lire : le serveur est parti sans fermer TLS",
  "If this server always does so, set truncation = eof in the section":
    "Si ce serveur le fait toujours, mettez truncation = eof dans la section",
  'Cannot connect "{0}": it has no target': "Impossible de connecter « {0} » : il n’a pas de destination",
  "The connection was given up": "La connexion a été abandonnée",
  "finish the TLS handshake": "fini la négociation TLS",
  "Cannot sign in to a server that is not verified":
    "Impossible de s’identifier auprès d’un serveur qui n’est pas vérifié",
  "the connection was closed": "la connexion a été fermée",
  "A thread of the tunnel has failed, its connections are lost: {0}":
    "Un fil d’exécution du tunnel a échoué, ses connexions sont perdues : {0}",
  "tls reset": "réinitialisée du côté TLS",
  "plain reset": "réinitialisée du côté clair",
  'Cannot connect to "{0}": the server hung up without a greeting':
    "Impossible de se connecter à « {0} » : le serveur a coupé la connexion sans un mot d’accueil",
  "Check the port; the server may refuse this address, or have too many connections":
    "Vérifiez le port ; le serveur refuse peut-être cette adresse, ou a trop de connexions",
  'Cannot trust the end of "{0}": the server left without closing TLS':
    "Impossible de se fier à la fin de la connexion avec « {0} » : le serveur est parti sans fermer TLS",
  'Cannot go on with "{0}": the server reset the connection':
    "Impossible de continuer avec « {0} » : le serveur a réinitialisé la connexion",
  "too many connections are open": "trop de connexions sont ouvertes",
  "Cannot serve a program that speaks TLS on this plain port":
    "Impossible de servir un programme qui parle TLS sur ce port en clair",
  "Turn TLS and STARTTLS off in that program for this local address: the tunnel secures the connection":
    "Désactivez TLS et STARTTLS dans ce programme pour cette adresse locale : c’est le tunnel qui sécurise la connexion",
  "the key is damaged": "la clé est abîmée",
  "Cannot trust the server: its certificate was not verified":
    "Impossible de se fier au serveur : son certificat n’a pas été vérifié",
  "Cannot trust the server: its certificate is none of those pinned in CAfile":
    "Impossible de se fier au serveur : son certificat n’est aucun de ceux épinglés dans CAfile",
  "If the server's certificate was renewed, check the new one and put it into CAfile":
    "Si le certificat du serveur a été renouvelé, vérifiez le nouveau et mettez-le dans CAfile",
  'Cannot trust the server: its certificate is not for "{0}", but for {1}':
    "Impossible de se fier au serveur : son certificat ne vaut pas pour « {0} », mais pour {1}",
  "no name": "aucun nom",
  "Set connect to a name the certificate has, or checkHost to the name that is meant":
    "Donnez à connect un nom que porte le certificat, ou à checkHost le nom voulu",
  'Cannot listen on "{0}": {1}': "Impossible d’écouter sur « {0} » : {1}",
  "another program has it": "un autre programme l’occupe",
  "Find the program with {0}, and stop it if it is an old stunnel; this is tried again every few seconds":
    "Trouvez le programme avec {0}, et arrêtez-le si c’est un ancien stunnel ; nouvel essai toutes les quelques secondes",
  "no right to make this socket": "pas le droit de créer ce socket",
  "Choose a folder this user may write to": "Choisissez un dossier où cet utilisateur peut écrire",
  "the system forbids it": "le système l’interdit",
  "Check the firewall and the permissions of this process":
    "Vérifiez le pare-feu et les droits de ce processus",
  "ports under 1024 need a right this process does not have":
    "les ports inférieurs à 1024 demandent un droit que ce processus n’a pas",
  "Lower the limit for all programs: sysctl -w net.ipv4.ip_unprivileged_port_start={0}":
    "Abaissez la limite pour tous les programmes : sysctl -w net.ipv4.ip_unprivileged_port_start={0}",
  "Give the right to Deno: setcap cap_net_bind_service=+ep {0}":
    "Donnez ce droit à Deno : setcap cap_net_bind_service=+ep {0}",
  "Under systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE":
    "Sous systemd : AmbientCapabilities=CAP_NET_BIND_SERVICE",
  "its folder does not exist": "son dossier n’existe pas",
  "Make the folder, or choose another one": "Créez le dossier, ou choisissez-en un autre",
  "the name cannot be looked up": "le nom est introuvable",
  "Write the address in numbers, such as 127.0.0.1": "Écrivez l’adresse en chiffres, par exemple 127.0.0.1",
  "this machine does not have that address": "cette machine n’a pas cette adresse",
  "Check the address; when its network comes up later, this is tried again every few seconds":
    "Vérifiez l’adresse ; si son réseau vient plus tard, nouvel essai toutes les quelques secondes",
  "this process has no permission for it": "ce processus n’en a pas le droit",
  "Widen {0} to {1}": "Étendez {0} à {1}",
  "Use another port, here and in the mail program: accept = {0}":
    "Utilisez un autre port, ici et dans le programme de courriel : accept = {0}",
  'Cannot secure "{0}": it has no certificate': "Impossible de sécuriser « {0} » : il n’a pas de certificat",
  "Cannot talk before TLS: too many lines": "Impossible de dialoguer avant TLS : trop de lignes",
  "Cannot talk before TLS: a line is too long":
    "Impossible de dialoguer avant TLS : une ligne est trop longue",
  "Cannot start TLS: the server hung up": "Impossible de démarrer TLS : le serveur a coupé la connexion",
  "Cannot start TLS: unsecured bytes follow the go-ahead":
    "Impossible de démarrer TLS : des octets non sécurisés suivent l’accord du serveur",
  "Someone on the way may have put them there; connect by another network, or use the server's TLS port":
    "Quelqu’un en chemin les y a peut-être mis ; connectez-vous par un autre réseau, ou utilisez le port TLS du serveur",
  "STARTTLS is not offered": "STARTTLS n’est pas proposé",
  'Cannot start TLS: the server answers {0} with "{1}"':
    "Impossible de démarrer TLS : le serveur répond à {0?} par « {1?} »",
  "Check that the server offers STARTTLS on this port, else leave protocol out and use its TLS port":
    "Vérifiez que le serveur propose STARTTLS sur ce port, sinon ôtez protocol et utilisez son port TLS",
  "Cannot sign in: the server refuses EHLO": "Impossible de s’identifier : le serveur refuse EHLO",
  "Cannot sign in: the server refuses with {0}": "Impossible de s’identifier : le serveur refuse par {0}",
  "Check protocolUsername and protocolPassword": "Vérifiez protocolUsername et protocolPassword",
  "no HTTP": "autre chose que HTTP",
  'Cannot reach "{0}" through the proxy: it answers with {1}':
    "Impossible d’atteindre « {0} » par le proxy : il répond par {1}",
  "Ask the proxy's administrator to allow this target":
    "Demandez à l’administrateur du proxy de permettre cette destination",
  "The server is not verified (verify = no): passwords can be stolen on the way":
    "Le serveur n’est pas vérifié (verify = no) : les mots de passe peuvent être volés en chemin",
  "Passwords cross the network in clear text ({0})": "Les mots de passe traversent le réseau en clair ({0})",
  "The former certificate stays in use: {0}": "L’ancien certificat reste en service : {0}",
  "service stopped": "service arrêté",
  'Cannot listen on "{0}": other machines could reach it in clear text':
    "Impossible d’écouter sur « {0} » : d’autres machines pourraient l’atteindre en clair",
  "Listen on 127.0.0.1": "Écoutez sur 127.0.0.1",
  "Add unsafe-listen = yes to the section to accept the danger":
    "Ajoutez unsafe-listen = yes à la section pour accepter le danger",
  "Cannot serve another connection: {0} are open":
    "Impossible de servir une connexion de plus : {0} sont ouvertes",
  "Raise max-connections in the section, or see which program opens so many":
    "Augmentez max-connections dans la section, ou voyez quel programme en ouvre tant",
  "the server wants another client certificate ({0})": "le serveur veut un autre certificat client ({0})",
  "Set cert and key to the certificate the server's administrator gave out":
    "Donnez à cert et key le certificat remis par l’exploitant du serveur",
  "its certificate has expired{0}": "son certificat a expiré{0}",
  "The server's administrator has to renew it; check this machine's clock":
    "L’exploitant du serveur doit le renouveler ; vérifiez l’horloge de cette machine",
  "its certificate is not valid yet{0}": "son certificat n’est pas encore valable{0}",
  "Check this machine's clock; else ask the server's administrator":
    "Vérifiez l’horloge de cette machine ; sinon voyez l’exploitant du serveur",
  'its certificate is not for "{0}"{1}': "son certificat ne vaut pas pour « {0} »{1}",
  "its certificate is self-signed": "son certificat est auto-signé",
  "Check it with the server's administrator, then pin it: verifyPeer = yes and CAfile = FILE.pem":
    "Vérifiez-le avec l’exploitant du serveur, puis épinglez-le : verifyPeer = yes et CAfile = FICHIER.pem",
  "its certificate comes from an authority that is not trusted here":
    "son certificat vient d’une autorité qui n’a pas la confiance de cette machine",
  "For a private authority set CAfile to its certificate; else the server does not send its whole chain":
    "Pour une autorité privée, donnez son certificat à CAfile ; sinon c’est que le serveur n’envoie pas toute sa chaîne",
  "its certificate cannot be used{0}": "son certificat est inutilisable{0}",
  "Ask the server's administrator for a certificate with the host's name, RSA of 2048 bits or ECDSA":
    "Demandez à l’exploitant du serveur un certificat au nom de l’hôte, RSA de 2048 bits ou ECDSA",
  "the server speaks plain text on this port": "le serveur parle en clair sur ce port",
  "Use its TLS port (995, 993, 465), or set protocol = pop3, imap or smtp for STARTTLS":
    "Utilisez son port TLS (995, 993, 465), ou mettez protocol = pop3, imap ou smtp pour STARTTLS",
  "the server is too old: it knows neither TLS 1.2 with ECDHE nor TLS 1.3{0}":
    "le serveur est trop ancien : il ne connaît ni TLS 1.2 avec ECDHE ni TLS 1.3{0}",
  ", or wants a client certificate": ", ou veut un certificat client",
  "The server has to be updated; if it wants a client certificate, set cert and key":
    "Le serveur doit être mis à jour ; s’il veut un certificat client, donnez cert et key",
  "Check the name, and this machine's network and DNS":
    "Vérifiez le nom, ainsi que le réseau et le DNS de cette machine",
  'Cannot connect to "{0}": {1}': "Impossible de se connecter à « {0} » : {1}",
  "nothing listens there": "rien n’y écoute",
  "Check host and port, and whether the server runs":
    "Vérifiez l’hôte et le port, et que le serveur fonctionne",
  "the server reset the connection": "le serveur a réinitialisé la connexion",
  "Check the port; the server may refuse this address":
    "Vérifiez le port ; le serveur refuse peut-être cette adresse",
  "the server hung up before TLS was ready": "le serveur a coupé la connexion avant que TLS ne soit prêt",
  "there is no such socket": "ce socket n’existe pas",
  "Widen --allow-net": "Étendez --allow-net",
  "there is no way to this address": "aucun chemin ne mène à cette adresse",
  "Check this machine's network": "Vérifiez le réseau de cette machine",
  'Cannot connect to "{0}": the server did not {1} in time':
    "Impossible de se connecter à « {0} » : le serveur n’a pas {1!} à temps",
  "Check host and port, and whether a firewall drops the connection":
    "Vérifiez l’hôte et le port, et qu’aucun pare-feu n’écarte la connexion",
  'Cannot secure the connection of "{0}": {1}': "Impossible de sécuriser la connexion de « {0} » : {1}",
  "it speaks plain text": "il parle en clair",
  "Turn TLS on in that program for this address": "Activez TLS dans ce programme pour cette adresse",
  "it knows neither TLS 1.2 with ECDHE nor TLS 1.3": "il ne connaît ni TLS 1.2 avec ECDHE ni TLS 1.3",
  "That program has to be updated": "Ce programme doit être mis à jour",
  "it did not finish the TLS handshake in time": "il n’a pas fini la négociation TLS à temps",
  "it left during the TLS handshake": "il est parti pendant la négociation TLS",
  "it does not accept the certificate ({0})": "il n’accepte pas le certificat ({0})",
  "Let that program trust the authority of cert, and connect to a name the certificate has":
    "Faites que ce programme se fie à l’autorité de cert, et se connecte à un nom que porte le certificat",
  'Cannot connect to "{0}": this process may not open more files':
    "Impossible de se connecter à « {0} » : ce processus ne peut ouvrir plus de fichiers",
  "Raise its limit (ulimit -n, LimitNOFILE=)": "Augmentez sa limite (ulimit -n, LimitNOFILE=)",
  ", but for {0}": ", mais pour {0}",
  "no greeting": "aucun accueil",
  "close timeout": "délai de fermeture dépassé",
  "The server's certificate expired on {0}": "Le certificat du serveur a expiré le {0}",
  "The server's certificate expires on {0}, in {1} days":
    "Le certificat du serveur expire le {0}, dans {1} jours",
  "{0}: its certificate has expired ({1})": "{0!} : son certificat a expiré ({1})",
  "{0}: its certificate is not valid yet ({1})": "{0!} : son certificat n’est pas encore valable ({1})",
  "{0}: its certificate is self-signed (SHA-256 {1})": "{0!} : son certificat est auto-signé (SHA-256 {1})",
  'Cannot use the server: it greets with "{0}"':
    "Impossible d’utiliser ce serveur : il accueille par « {0} »",
};
