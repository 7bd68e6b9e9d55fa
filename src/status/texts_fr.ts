/** Every sentence of the page in French. */
import type { OutcomeKind } from "../model.ts";
import { inFrench } from "../french/mod.ts";
import type { Fault, LauncherState, TunnelState } from "./view.ts";

const NUMBER = new Intl.NumberFormat("fr-FR");

// A line must not break between a quotation mark and what it quotes.
function quoted(name: string): string {
  return `«\u00a0${name}\u00a0»`;
}

function s(count: number): string {
  return count > 1 ? "s" : "";
}

/** The French texts; every other language has the same. */
export const FR = {
  locale: "fr-FR",
  reported: inFrench,
  colon: "\u00a0: ",
  semicolon: "\u00a0; ",
  orElse: "\u00a0; ou\u00a0: ",
  language: "Français",
  switchLanguage: "Langue",
  skipToContent: "Aller au contenu",
  navigation: "Navigation",
  overview: "État",
  quarantine: "Quarantaine",
  signOut: "Se déconnecter",
  allWell: "Tout va bien",
  worksWithNotes: (count: number) => `Tout fonctionne, ${count} point${s(count)} à regarder`,
  wrong: (count: number) =>
    count === 1 ? "Un problème demande votre attention" : `${count} problèmes demandent votre attention`,
  stopping: "La passerelle s’arrête\u00a0: elle termine ce qui est en cours.",
  nothingConfigured: "Aucun lanceur ni aucun tunnel n’est actif.",
  nothingConfiguredRemedy:
    "Dans launchers.d, mettez «\u00a0enabled = true\u00a0» dans un fichier de lanceur, puis rechargez\u00a0: deno task reload",
  launcherInError: (name: string) => `Le lanceur ${quoted(name)} est en erreur.`,
  launchersInError: (names: readonly string[]) =>
    `${names.length} lanceurs sont en erreur pour la même raison\u00a0: ${names.map(quoted).join(", ")}.`,
  launcherLocked: (name: string) =>
    `Le lanceur ${quoted(name)} est arrêté\u00a0: le mot de passe a été refusé trois fois.`,
  launcherLockedRemedy:
    "Corrigez le mot de passe (son fichier, ou celui du lanceur)\u00a0; le lanceur repart de lui-même. Ou cliquez sur «\u00a0Reprendre\u00a0» pour essayer encore.",
  launcherPaused: (name: string) => `Le lanceur ${quoted(name)} est en pause.`,
  launcherPausedRemedy: "Cliquez sur «\u00a0Reprendre\u00a0» quand il doit repartir.",
  itemsFailed: (name: string, count: number) =>
    `Lanceur ${quoted(name)}\u00a0: ${count} élément${s(count)} en échec à la dernière relève.`,
  itemsFailedRemedy: "Rien à faire pour l’instant\u00a0: la passerelle réessaie, puis met en quarantaine.",
  unfinished: (name: string, count: number) =>
    `Lanceur ${quoted(name)}\u00a0: ${count} enveloppe${s(count)} ${
      count === 1 ? "reste incomplète" : "restent incomplètes"
    }.`,
  unfinishedRemedy:
    "Elles sont laissées où elles sont. Vérifiez l’émetteur\u00a0: le transfert s’est peut-être interrompu.",
  unfinishedItems: "Incomplètes",
  inQuarantine: (count: number) =>
    count === 1
      ? "Un élément est en quarantaine et attend une décision."
      : `${count} éléments sont en quarantaine et attendent une décision.`,
  quarantineFilling: (percent: number) => `La quarantaine est remplie à ${percent} %.`,
  quarantineFillingRemedy:
    "Réessayez ou retirez des éléments, ou augmentez «\u00a0max_size\u00a0» sous [quarantine]. Pleine, elle ne prend plus rien\u00a0: ce qui échoue reste à sa place.",
  cannotNotify: (channel: string): string =>
    `Les alertes par ${channel === "mail" ? "courriel" : "webhook"} ne partent pas.`,
  cannotNotifyRemedy:
    "Corrigez [notify] dans gateway.toml\u00a0; «\u00a0deno task check --connect\u00a0» l’essaie.",
  pageClosed: "La page d’état n’est pas ouverte.",
  pageClosedRemedy:
    "Libérez cette adresse, et la page s’ouvre dans la minute\u00a0; ou choisissez un autre listen sous [status] de gateway.toml, puis deno task reload.",
  more: ({ problems, notes }: { problems: number; notes: number }) => {
    const rest = [
      ...problems === 0 ? [] : [`${problems} problème${s(problems)}`],
      ...notes === 0 ? [] : [`${notes} point${s(notes)} à regarder`],
    ];
    return `et encore ${rest.join(" et ")}, plus bas`;
  },
  inQuarantineRemedy: "Lisez la raison sur la page «\u00a0Quarantaine\u00a0», corrigez, puis réessayez.",
  tunnelInError: (name: string) => `Le service de tunnel ${quoted(name)} n’a pas pu démarrer.`,
  tunnelFaulty: (name: string) => `Le service de tunnel ${quoted(name)} est mal configuré.`,
  tunnelStopped: (name: string) => `Le service de tunnel ${quoted(name)} est arrêté.`,
  tunnelUnverified: (name: string) =>
    `Le service de tunnel ${quoted(name)} ne vérifie pas le certificat du serveur.`,
  tunnelUnverifiedRemedy:
    "Ôtez «\u00a0verify = no\u00a0» de sa section\u00a0; pour une autorité privée, mettez CAfile.",
  certificateEnds: (name: string, days: number) =>
    days < 0
      ? `Le certificat du serveur de ${quoted(name)} est expiré.`
      : `Le certificat du serveur de ${quoted(name)} expire dans ${days} jour${s(days)}.`,
  certificateEndsRemedy: "C’est à l’exploitant de ce serveur de le renouveler\u00a0: prévenez-le.",
  problemInFile: (place: string) => `Configuration, ${place}`,
  faults: {
    unreachable: "Vérifiez le réseau, le nom du serveur et le port. La passerelle réessaie d’elle-même.",
    busy:
      "Rien à faire pour l’instant\u00a0: le serveur répond, mais demande d’attendre\u00a0; la passerelle réessaie d’elle-même. Si cela dure, fermez les autres logiciels ouverts sur cette boîte, ou voyez avec l’exploitant du serveur.",
    tls:
      "La connexion ne peut pas être sécurisée. Vérifiez «\u00a0tls\u00a0» et «\u00a0port\u00a0», l’heure de cette machine et, pour une autorité privée, «\u00a0ca_file\u00a0» (CAfile dans un tunnel).",
    secret:
      "Vérifiez le fichier, la variable ou la commande qui doit donner le mot de passe, et qui peut les lire.",
    folder:
      "Vérifiez que le dossier est là (un partage doit être monté) et que le compte de la passerelle peut y lire et y écrire.",
    refused: "Le serveur a refusé. Vérifiez les droits du compte et le nom de la boîte.",
    credentials:
      "Vérifiez le compte et le mot de passe (chez Gmail et Outlook\u00a0: un mot de passe d’application).",
    delivery: "Vérifiez que le dossier COLD existe, qu’il n’est pas plein et que l’on peut y écrire.",
    destination:
      "Vérifiez la section de cette destination dans gateway.toml (adresse, compte, mot de passe) et que le serveur répond\u00a0: deno task check --connect.",
    silent:
      "Vérifiez que le serveur de ce partage fonctionne, et le réseau jusqu’à lui. Ce qui est commencé reprend de soi-même dès qu’il répond.",
    configuration: "Corrigez le fichier du lanceur, puis rechargez\u00a0: deno task reload",
  } satisfies Record<Fault, string>,
  launchers: "Lanceurs",
  launcher: "Lanceur",
  noLaunchers: "Aucun fichier de lanceur dans launchers.d.",
  state: "État",
  lastPoll: "Dernière relève",
  nextPoll: "Prochaine relève",
  next: "prochaine\u00a0:",
  waitingItems: "En attente",
  totals: "Total",
  actions: "Actions",
  never: "jamais",
  none: "aucune",
  byPush: "dès l’arrivée",
  states: {
    idle: "Au repos",
    polling: "Relève en cours",
    waiting: "À l’écoute",
    paused: "En pause",
    disabled: "Désactivé",
    error: "En erreur",
    locked: "Verrouillé",
  } satisfies Record<LauncherState, string>,
  outcomes: {
    delivered: "livré",
    skipped: "écarté",
    quarantined: "en quarantaine",
    failed: "en échec",
  } satisfies Record<OutcomeKind, string>,
  counted: {
    delivered: (count: number) => `${NUMBER.format(count)} livré${s(count)}`,
    skipped: (count: number) => `${NUMBER.format(count)} écarté${s(count)}`,
    quarantined: (count: number) => `${NUMBER.format(count)} en quarantaine`,
    failed: (count: number) => `${NUMBER.format(count)} en échec`,
  } satisfies Record<OutcomeKind, (count: number) => string>,
  known: (count: number) => `${NUMBER.format(count)} déjà connu${s(count)}`,
  nothingNew: "rien de nouveau",
  documents: "Documents",
  took: (duration: string) => `en ${duration}`,
  progress: "Avancement",
  progressOf: (done: string, of: string) => `${done} sur ${of}`,
  perSecond: (size: string) => `${size}/s`,
  timeLeft: (duration: string) => `encore ${duration}`,
  lastDay: "Dernières 24 h",
  now: "maintenant",
  nothingHappened: "rien",
  skippedBy: (rules: string) => `écartés\u00a0: ${rules}`,
  rules: {
    "filter.name": "nom",
    "filter.include": "hors include",
    "filter.exclude": "exclus",
    "filter.from": "expéditeur",
    "filter.to": "destinataire",
    "filter.subject": "objet",
    "filter.since_days": "trop anciens",
    "filter.max_size": "trop gros",
    "filter.min_size": "trop petits",
    quarantine: "retirés de la quarantaine",
    documents: "sans document",
  } as Readonly<Record<string, string>>,
  polls: "Relèves",
  noPolls: "Aucune relève n’est encore connue.",
  result: "Résultat",
  duration: "Durée",
  times: (count: number) => `${NUMBER.format(count)} relèves`,
  all: "Tous",
  older: "Plus anciens",
  newest: "Les plus récents",
  filterItems: "Choisir par issue",
  redeliver: "Livrer à nouveau",
  redeliverConfirm: "Livrer à nouveau ces documents\u00a0? Ils arriveront une seconde fois dans la GED.",
  download: "Télécharger",
  drop: "Supprimer",
  dropConfirm:
    "Supprimer définitivement cet élément et la copie gardée ici\u00a0? S’il est encore dans la boîte ou le dossier, il y reste et ne sera plus pris.",
  close: "Fermer",
  cancel: "Annuler",
  recentConnections: "Dernières connexions",
  noConnections: "Aucune connexion depuis le démarrage.",
  peer: "Programme client",
  end: "Fin",
  certificateDays: (days: number) =>
    days < 0 ? "certificat expiré" : `certificat\u00a0: ${NUMBER.format(days)} jour${s(days)}`,
  run: "Relever",
  pause: "Pause",
  resume: "Reprendre",
  retry: "Réessayer",
  underWay: "en cours…",
  done: "c’est fait",
  actionOn: (action: string, name: string) => `${action}\u00a0: ${name}`,
  tunnels: "Tunnels",
  service: "Service",
  noTunnels: "Aucun service de tunnel dans launchers.d.",
  accept: "Écoute sur",
  connect: "Se connecte à",
  acceptConnect: "Écoute → serveur",
  verification: "Vérification",
  verified: "Vérifié",
  unverified: "Non vérifié",
  connections: "Connexions",
  active: (count: number) => `${count} ouverte${s(count)}`,
  failedConnections: (count: number) => `${count} échouée${s(count)}`,
  refusedConnections: (count: number) => `${count} refusée${s(count)}`,
  traffic: "Trafic",
  sent: (size: string) => `${size} vers le serveur`,
  received: (size: string) => `${size} en retour`,
  direction: "Sens",
  towardsTls: "clair vers TLS (client = yes)",
  fromTls: "TLS vers clair (client = no)",
  certificate: "Certificat du serveur",
  issuer: "Émis par",
  validUntil: "Valable jusqu’au",
  tlsVersion: "Version TLS",
  fingerprint: "Empreinte SHA-256",
  lastError: "Dernière erreur",
  warnings: "Avertissements",
  configuredIn: "Configuré dans",
  tunnelStates: {
    listening: "À l’écoute",
    error: "En erreur",
    starting: "Démarre",
    stopped: "Arrêté",
    faulty: "Mal configuré",
  } satisfies Record<TunnelState, string>,
  problems: "Problèmes de configuration",
  place: "Endroit",
  problem: "Problème",
  remedy: "Remède",
  severities: { error: "Erreur", warning: "Avertissement", info: "Information" },
  line: (line: number) => `ligne ${line}`,
  settings: "Configuration",
  target: "Source",
  lastItems: "Derniers éléments",
  item: "Élément",
  outcome: "Issue",
  reason: "Raison",
  date: "Date",
  size: "Taille",
  attempts: "Essais",
  noItems: "Rien n’a encore été trouvé.",
  quarantineEmpty: "La quarantaine est vide.",
  quarantineIntro:
    "Ce qui n’a pas pu être traité attend ici, entier. Une fois la cause corrigée, «\u00a0Réessayer\u00a0» le reprend aussitôt.",
  id: "Identifiant",
  noSuchPage: "Cette page n’existe pas",
  noSuchLauncher: (name: string) => `Aucun lanceur ne s’appelle ${quoted(name)}.`,
  noSuchTunnel: (name: string) => `Aucun service de tunnel ne s’appelle ${quoted(name)}.`,
  noSuchQuarantine: (id: string) => `Rien en quarantaine sous l’identifiant ${quoted(id)}.`,
  actionFailed: "La demande n’a pas abouti",
  back: "Retour à l’état",
  running: (version: string) => `Lanceur ${version}`,
  startedAt: "démarré",
  renderedAt: "page établie à",
  coldRoot: "COLD",
  connectionLost: "La passerelle ne répond plus\u00a0: cette page montre le dernier état connu.",
  signIn: "Se connecter",
  signInTitle: "Connexion",
  signInIntro: "Le mot de passe de cette page, ou le jeton inscrit dans gateway.toml, section [status].",
  secret: "Mot de passe ou jeton",
  wrongToken: "Ce n’est pas le bon.",
  tooManyAttempts: "Trop d’essais. Attendez une minute.",
};
