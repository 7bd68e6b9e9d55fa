/** Polls, ledger, quarantine, notifications, and what the page is asked to do. */
import type { Catalogue } from "./translator.ts";

/** The sentences of this area. */
export const RUNNING: Catalogue = {
  "Cannot reload: {0}": "Rechargement refusé : {0}",
  "{0}; then deno task reload": "{0} ; puis deno task reload",
  "Mend it": "Corrigez",
  "Cannot tell how this ended: the gateway ended before it answered; what it had begun it finishes when it starts again (deno task start), and deno task status tells whether it runs":
    "Impossible de dire comment cela s’est terminé : la passerelle s’est arrêtée avant de répondre ; elle finira ce qu’elle avait commencé quand elle redémarrera (deno task start), et deno task status dit si elle tourne",
  "it does not answer": "il ne répond pas",
  'Cannot go on in "{0}": it does not answer': "Impossible de continuer dans « {0} » : il ne répond pas",
  "Cannot sign in: the password was refused {0} times in a row":
    "Impossible de s’identifier : le mot de passe a été refusé {0} fois de suite",
  "{0}: the same content was delivered from {1}": "{0} : le même contenu a déjà été livré, venant de {1}",
  '"{0}" holds as much as max_size of [quarantine] allows; raise that':
    "« {0} » contient autant que max_size de [quarantine] permet ; augmentez cette limite",
  'Cannot keep "{0}" until it is tried again: {1}':
    "Impossible de garder « {0} » jusqu’au prochain essai : {1}",
  'Cannot open "{0}": archives nested more than {1} deep':
    "Impossible d’ouvrir « {0} » : plus de {1} archives les unes dans les autres",
  "{0}: there is no file in it": "{0} : il ne contient aucun fichier",
  'Cannot open "{0}": more comes out of the mail than documents.{1} allows':
    "Impossible d’ouvrir « {0} » : il sort du courriel plus que documents.{1} ne permet",
  "{0} s (documents.max_mail_time)": "{0} s (documents.max_mail_time)",
  "Cannot open what is in the mail: it takes more than {0}":
    "Impossible d’ouvrir ce que contient le courriel : cela prend plus de {0}",
  'Cannot {0} "{1}": {2}': "Impossible {0!} « {1} » : {2}",
  "look for an invoice in": "de chercher une facture dans",
  "open": "d’ouvrir",
  "its delivery goes on": "sa livraison se poursuit",
  "the mail has no document in it": "le courriel ne contient aucun document",
  "documents.max_mail_size: the mail has {0} octets, above {1}":
    "documents.max_mail_size : le courriel a {0} octets, plus que {1}",
  'the same mail was delivered as "{0}"': "le même courriel a été livré : « {0} »",
  "{0} (quarantine {1})": "{0} (quarantaine {1})",
  'Cannot open ledger "{0}": it was written by a later version of the gateway':
    "Impossible d’ouvrir le registre « {0} » : il a été écrit par une version plus récente de la passerelle",
  'Cannot {0} ledger "{1}": {2}{3}': "Impossible {0!} le registre « {1} » : {2}{3}",
  "; another program has it open, end that program": " ; un autre programme l’a ouvert, arrêtez ce programme",
  "; free some space, nothing is lost meanwhile": " ; libérez de la place, rien n’est perdu entre-temps",
  "; look at the free space and the health of that volume, nothing is lost meanwhile":
    " ; vérifiez la place libre et l’état de ce volume, rien n’est perdu entre-temps",
  "; the gateway's account needs to write there": " ; le compte de la passerelle doit pouvoir y écrire",
  "; put back a backup, or move the file away to begin anew":
    " ; remettez une sauvegarde, ou déplacez le fichier pour repartir de zéro",
  "{0} of {1} (max_size of [quarantine])": "{0} sur {1} (max_size de [quarantine])",
  "the mail server refuses {0}": "le serveur de courriel refuse {0}",
  'it is no address such as "https://chat.exemple.fr/hooks/…"':
    "ce n’est pas une adresse comme « https://chat.exemple.fr/hooks/… »",
  "it begins with http://, which anybody on the way can read; use https://":
    "elle commence par http://, que chacun peut lire en chemin ; utilisez https://",
  'Cannot post to the webhook at "{0}"': "Impossible d’envoyer au webhook de « {0} »",
  "{0}: no answer in time": "{0!} : pas de réponse à temps",
  "; it redirects, give the address it redirects to":
    " ; il redirige ailleurs, donnez l’adresse vers laquelle il redirige",
  "; check the address, its token may have been revoked":
    " ; vérifiez l’adresse, son jeton a peut-être été révoqué",
  "{0}: it answers {1}{2}": "{0!} : il répond {1}{2}",
  'post to the webhook at "{0}"': "d’envoyer au webhook de « {0} »",
  'Cannot send a mail through "{0}": no answer in time':
    "Impossible d’envoyer un courriel par « {0} » : pas de réponse à temps",
  'Cannot send a mail through "{0}": {1}': "Impossible d’envoyer un courriel par « {0} » : {1}",
  "Cannot secure the connection to {0}: {1}": "Impossible de sécuriser la connexion à {0} : {1}",
  "; check account and password of [notify.smtp]":
    " ; vérifiez le compte et le mot de passe de [notify.smtp]",
  'Cannot deliver "{0}" again: the ledger has no such item; deno task redeliver NAME lists those of a launcher':
    "Impossible de livrer à nouveau « {0} » : le registre ne connaît pas cet élément ; deno task redeliver NOM liste ceux d’un lanceur",
  'Cannot deliver "{0}" again': "Impossible de livrer à nouveau « {0} »",
  "; use deno task quarantine retry": " ; utilisez deno task quarantine retry",
  "{0}: it was not delivered, it is {1}{2}": "{0!} : il n’a pas été livré, il est {1?}{2}",
  '{0}: its launcher "{1}" is not there any more': "{0!} : son lanceur « {1} » n’existe plus",
  'Cannot deliver "{0}" again: its original is not in {1} any more, nor where after = { move = … } puts it; put a copy of it there, or ask its sender to send it anew':
    "Impossible de livrer à nouveau « {0} » : son original n’est plus dans {1}, ni là où after = { move = … } le met ; remettez-y une copie, ou demandez un nouvel envoi à l’expéditeur",
  "verify = no": "verify = no",
  'Cannot run launcher "{0}": its file was changed since the gateway read it; deno task reload first':
    "Impossible de relever « {0} » : son fichier a changé depuis que la passerelle l’a lu ; d’abord deno task reload",
  'Cannot use launcher "{0}": it is not there, or faulty':
    "Impossible d’utiliser le lanceur « {0} » : il n’existe pas, ou sa configuration est erronée",
  'Cannot retry "{0}": it is not in quarantine':
    "Impossible de réessayer « {0} » : il n’est pas en quarantaine",
  "quarantine: dropped by hand; before, {0}": "retiré de la quarantaine à la main ; avant, {0}",
  'Cannot drop "{0}": it is not in quarantine':
    "Impossible de supprimer « {0} » : il n’est pas en quarantaine",
  "it is disabled; write enabled = true into its file, then deno task reload":
    "il est désactivé ; écrivez enabled = true dans son fichier, puis deno task reload",
  "it was faulty when the gateway read it ({0}); deno task check tells how to mend it, a variable of the environment has to be set where the gateway is started; then deno task reload":
    "sa configuration était erronée quand la passerelle l’a lue ({0}) ; deno task check dit comment la corriger, une variable d’environnement doit être définie là où la passerelle est lancée ; puis deno task reload",
  "the gateway has not read it yet; deno task reload":
    "la passerelle ne l’a pas encore lu ; deno task reload",
  'Cannot run launcher "{0}": {1}': "Impossible de relever « {0} » : {1}",
  'Cannot start with "{0}": it has no enabled launcher and no tunnel service that could run':
    "Impossible de démarrer avec « {0} » : aucun lanceur actif, et aucun service de tunnel qui puisse fonctionner",
  "enable a launcher (NAME.toml), or mend the problems named above":
    "activez un lanceur (NOM.toml), ou corrigez les problèmes nommés plus haut",
  "Cannot change state or cold.root while the gateway runs":
    "Impossible de changer state ou cold.root pendant que la passerelle tourne",
  "stop the gateway and start it again": "arrêtez la passerelle, puis relancez-la",
  'Cannot read quarantined "{0}": it is missing':
    "Impossible de lire « {0} » dans la quarantaine : il n’y est pas",
  'Cannot put "{0}" ({1} octets) into quarantine: it holds {2} of {3} octets; it stays where it is and is tried again: retry or drop what is in quarantine, or raise max_size of [quarantine]':
    "Impossible de mettre « {0} » ({1} octets) en quarantaine : elle contient {2} des {3} octets permis ; il reste où il est et sera retenté : réessayez ou supprimez ce qui est en quarantaine, ou augmentez max_size de [quarantine]",
  'Cannot read quarantined "{0}": it is missing or cannot be opened':
    "Impossible de lire « {0} » dans la quarantaine : il n’y est pas, ou ne peut être ouvert",
  "{0}; no more than {1} octets could be had of it, and it is left where it is":
    "{0} ; on n’a pu en obtenir que {1} octets, et il est laissé où il est",
  'Cannot serve this Host name: it is not one of ours. Add it to gateway.toml, [status], hosts = ["…"], if it should be.\n':
    'Impossible de servir ce nom d’hôte (Host) : ce n’est pas un des nôtres. Ajoutez-le dans gateway.toml, [status], hosts = ["…"], s’il doit l’être.\n',
  "Cannot accept a request sent from another site\n":
    "Impossible d’accepter une demande envoyée depuis un autre site\n",
  "Cannot read the form: it is too long\n": "Impossible de lire le formulaire : il est trop long\n",
  "Cannot answer: an error within the gateway, see its log\n":
    "Impossible de répondre : erreur interne de la passerelle, voyez son journal\n",
  'Cannot write state folder "{0}": the gateway\'s account needs read and write there':
    "Impossible d’écrire dans le dossier d’état « {0} » : le compte de la passerelle doit pouvoir y lire et y écrire",
  'Cannot use state folder "{0}": process {1} holds it':
    "Impossible d’utiliser le dossier d’état « {0} » : le processus {1} le tient",
  "stop that gateway first, or give this one a state folder of its own in gateway.toml":
    "arrêtez d’abord cette passerelle-là, ou donnez à celle-ci un dossier d’état à elle dans gateway.toml",
  'Cannot use folder "{0}": it is missing; make it, or mount the share it lies on':
    "Impossible d’utiliser le dossier « {0} » : il manque ; créez-le, ou montez le partage où il se trouve",
  'its launcher "{0}" is not there any more; before, {1}': "son lanceur « {0} » n’existe plus ; avant, {1}",
  'Cannot retry "{0}": its launcher "{1}" is not there any more; bring back its file, or write id = "{2}" in the one that takes its place; or take the original away, and drop the entry':
    'Impossible de réessayer « {0} » : son lanceur « {1} » n’existe plus ; remettez son fichier, ou écrivez id = "{2}" dans celui qui le remplace ; ou prenez l’original, puis supprimez l’élément',
  "{0} MB": "{0!} Mo",
  "left alone": "laissé tel quel",
  "marked as seen": "marqué comme lu",
  'moved to "{0}"': "rangé dans « {0} »",
  'given the label "{0}"': "étiqueté « {0} »",
  'marked with "{0}"': "marqué « {0} »",
  "deleted {0} days after it came": "supprimé {0} jours après son arrivée",
};
