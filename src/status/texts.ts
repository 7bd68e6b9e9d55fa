/** Every sentence of the page, in French and in English. What the gateway itself reports stays as it is. */
import type { OutcomeKind } from "../model.ts";
import type { LauncherError, LauncherState, TunnelState } from "./view.ts";

/** A language the page speaks. */
export type Lang = "fr" | "en";

/** Every language; readers of none of them get the last. */
export const LANGS: readonly Lang[] = ["fr", "en"];

type Fault = NonNullable<LauncherError["fault"]>;

const NUMBER_FR = new Intl.NumberFormat("fr-FR");
const NUMBER_EN = new Intl.NumberFormat("en-GB");

// A line must not break between a quotation mark and what it quotes.
function quoted(name: string): string {
  return `«\u00a0${name}\u00a0»`;
}

function s(count: number): string {
  return count > 1 ? "s" : "";
}

const FR = {
  locale: "fr-FR",
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
  more: (count: number) => count === 1 ? "et un autre, plus bas" : `et ${count} autres, plus bas`,
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
    refused: "Le serveur a refusé. Vérifiez les droits du compte et le nom de la boîte ou du dossier.",
    credentials:
      "Vérifiez le compte et le mot de passe (chez Gmail et Outlook\u00a0: un mot de passe d’application).",
    delivery: "Vérifiez que le dossier COLD existe, qu’il n’est pas plein et que l’on peut y écrire.",
    destination:
      "Vérifiez la section de cette destination dans gateway.toml (adresse, compte, mot de passe) et que le serveur répond\u00a0: deno task check --connect.",
    configuration: "Corrigez le fichier du lanceur, puis rechargez\u00a0: deno task reload",
  } satisfies Record<Fault, string>,
  launchers: "Lanceurs",
  launcher: "Lanceur",
  noLaunchers: "Aucun fichier de lanceur dans launchers.d.",
  state: "État",
  lastPoll: "Dernière relève",
  nextPoll: "Prochaine relève",
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
    delivered: (count: number) => `${NUMBER_FR.format(count)} livré${s(count)}`,
    skipped: (count: number) => `${NUMBER_FR.format(count)} écarté${s(count)}`,
    quarantined: (count: number) => `${NUMBER_FR.format(count)} en quarantaine`,
    failed: (count: number) => `${NUMBER_FR.format(count)} en échec`,
  } satisfies Record<OutcomeKind, (count: number) => string>,
  known: (count: number) => `${NUMBER_FR.format(count)} déjà connu${s(count)}`,
  nothingNew: "rien de nouveau",
  documents: "Documents",
  took: (duration: string) => `en ${duration}`,
  progress: "Avancement",
  progressOf: (done: string, of: string) => `${done} sur ${of}`,
  perSecond: (size: string) => `${size}/s`,
  timeLeft: (duration: string) => `encore ${duration}`,
  run: "Relever",
  pause: "Pause",
  resume: "Reprendre",
  retry: "Réessayer",
  actionOn: (action: string, name: string) => `${action}\u00a0: ${name}`,
  tunnels: "Tunnels",
  service: "Service",
  noTunnels: "Aucun service de tunnel dans launchers.d.",
  accept: "Écoute sur",
  connect: "Se connecte à",
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
    "Ce qui n’a pas pu être traité attend ici, entier. «\u00a0Réessayer\u00a0» le confie à la prochaine relève.",
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
  signInIntro: "Cette page demande le jeton inscrit dans gateway.toml, section [status].",
  token: "Jeton",
  wrongToken: "Ce jeton n’est pas le bon.",
  tooManyAttempts: "Trop d’essais. Attendez une minute.",
};

/** The texts of one language. */
export type Texts = typeof FR;

const EN: Texts = {
  locale: "en-GB",
  language: "English",
  switchLanguage: "Language",
  skipToContent: "Skip to content",
  navigation: "Navigation",
  overview: "Status",
  quarantine: "Quarantine",
  signOut: "Sign out",
  allWell: "All is well",
  worksWithNotes: (count) => `Everything works, ${count} point${s(count)} to look at`,
  wrong: (count) =>
    count === 1 ? "One problem needs your attention" : `${count} problems need your attention`,
  stopping: "The gateway is stopping: it finishes what is in hand.",
  nothingConfigured: "No launcher and no tunnel is active.",
  nothingConfiguredRemedy:
    "In launchers.d, set “enabled = true” in a launcher file, then reload: deno task reload",
  launcherInError: (name) => `Launcher “${name}” is in error.`,
  launcherLocked: (name) => `Launcher “${name}” has stopped: the password was refused three times.`,
  launcherLockedRemedy:
    "Correct the password (its file, or the launcher’s); the launcher then goes on by itself. Or press “Resume” to try once more.",
  launcherPaused: (name) => `Launcher “${name}” is paused.`,
  launcherPausedRemedy: "Press “Resume” when it should go on.",
  itemsFailed: (name, count) => `Launcher “${name}”: ${count} item${s(count)} failed in the last poll.`,
  itemsFailedRemedy: "Nothing to do for now: the gateway tries again, then moves to quarantine.",
  unfinished: (name, count) =>
    `Launcher “${name}”: ${count} envelope${s(count)} ${count === 1 ? "stays" : "stay"} unfinished.`,
  unfinishedRemedy: "They are left where they are. Look at the sender: the transfer may have broken off.",
  unfinishedItems: "Unfinished",
  inQuarantine: (count) =>
    count === 1
      ? "One item is in quarantine and waits for a decision."
      : `${count} items are in quarantine and wait for a decision.`,
  quarantineFilling: (percent) => `The quarantine is ${percent} % full.`,
  quarantineFillingRemedy:
    "Retry or drop some items, or raise “max_size” under [quarantine]. When it is full it takes no more: what fails stays where it is.",
  more: (count) => count === 1 ? "and one more, below" : `and ${count} more, below`,
  inQuarantineRemedy: "Read the reason on the “Quarantine” page, mend it, then retry.",
  tunnelInError: (name) => `Tunnel service “${name}” could not start.`,
  tunnelFaulty: (name) => `Tunnel service “${name}” is not configured correctly.`,
  tunnelStopped: (name) => `Tunnel service “${name}” is stopped.`,
  tunnelUnverified: (name) => `Tunnel service “${name}” does not verify the server’s certificate.`,
  tunnelUnverifiedRemedy: "Remove “verify = no” from its section; for a private authority set CAfile.",
  certificateEnds: (name, days) =>
    days < 0
      ? `The certificate of the server of “${name}” has expired.`
      : `The certificate of the server of “${name}” expires in ${days} day${s(days)}.`,
  certificateEndsRemedy: "It is for whoever runs that server to renew it: let them know.",
  problemInFile: (place) => `Configuration, ${place}`,
  faults: {
    unreachable: "Check the network, the server’s name and the port. The gateway tries again by itself.",
    refused: "The server said no. Check the rights of the account and the name of the mailbox or folder.",
    credentials: "Check the account and the password (with Gmail and Outlook: an app password).",
    delivery: "Check that the COLD directory exists, is not full and can be written to.",
    destination:
      "Check this destination’s section of gateway.toml (address, account, password), and that the server answers: deno task check --connect.",
    configuration: "Correct the launcher’s file, then reload: deno task reload",
  },
  launchers: "Launchers",
  launcher: "Launcher",
  noLaunchers: "No launcher file in launchers.d.",
  state: "State",
  lastPoll: "Last poll",
  nextPoll: "Next poll",
  waitingItems: "Waiting",
  totals: "Total",
  actions: "Actions",
  never: "never",
  none: "none",
  byPush: "on arrival",
  states: {
    idle: "Idle",
    polling: "Polling",
    waiting: "Listening",
    paused: "Paused",
    disabled: "Disabled",
    error: "In error",
    locked: "Locked",
  },
  outcomes: { delivered: "delivered", skipped: "skipped", quarantined: "quarantined", failed: "failed" },
  counted: {
    delivered: (count) => `${NUMBER_EN.format(count)} delivered`,
    skipped: (count) => `${NUMBER_EN.format(count)} skipped`,
    quarantined: (count) => `${NUMBER_EN.format(count)} quarantined`,
    failed: (count) => `${NUMBER_EN.format(count)} failed`,
  },
  known: (count) => `${NUMBER_EN.format(count)} already known`,
  nothingNew: "nothing new",
  documents: "Documents",
  took: (duration) => `in ${duration}`,
  progress: "Progress",
  progressOf: (done, of) => `${done} of ${of}`,
  perSecond: (size) => `${size}/s`,
  timeLeft: (duration) => `${duration} left`,
  run: "Poll now",
  pause: "Pause",
  resume: "Resume",
  retry: "Retry",
  actionOn: (action, name) => `${action}: ${name}`,
  tunnels: "Tunnels",
  service: "Service",
  noTunnels: "No tunnel service in launchers.d.",
  accept: "Accepts on",
  connect: "Connects to",
  verification: "Verification",
  verified: "Verified",
  unverified: "Not verified",
  connections: "Connections",
  active: (count) => `${count} open`,
  failedConnections: (count) => `${count} failed`,
  refusedConnections: (count) => `${count} refused`,
  traffic: "Traffic",
  sent: (size) => `${size} to the server`,
  received: (size) => `${size} back`,
  direction: "Direction",
  towardsTls: "plain to TLS (client = yes)",
  fromTls: "TLS to plain (client = no)",
  certificate: "Server certificate",
  issuer: "Issued by",
  validUntil: "Valid until",
  tlsVersion: "TLS version",
  fingerprint: "SHA-256 fingerprint",
  lastError: "Last error",
  warnings: "Warnings",
  configuredIn: "Configured in",
  tunnelStates: {
    listening: "Listening",
    error: "In error",
    starting: "Starting",
    stopped: "Stopped",
    faulty: "Misconfigured",
  },
  problems: "Configuration problems",
  place: "Place",
  problem: "Problem",
  remedy: "Remedy",
  severities: { error: "Error", warning: "Warning", info: "Information" },
  line: (line) => `line ${line}`,
  settings: "Configuration",
  target: "Source",
  lastItems: "Latest items",
  item: "Item",
  outcome: "Outcome",
  reason: "Reason",
  date: "Date",
  size: "Size",
  attempts: "Attempts",
  noItems: "Nothing has been found yet.",
  quarantineEmpty: "The quarantine is empty.",
  quarantineIntro: "What could not be processed waits here, whole. “Retry” hands it to the next poll.",
  id: "Identifier",
  noSuchPage: "This page does not exist",
  noSuchLauncher: (name) => `No launcher is called “${name}”.`,
  noSuchTunnel: (name) => `No tunnel service is called “${name}”.`,
  noSuchQuarantine: (id) => `Nothing in quarantine under the identifier “${id}”.`,
  actionFailed: "The request did not succeed",
  back: "Back to the status",
  running: (version) => `Lanceur ${version}`,
  startedAt: "started",
  renderedAt: "page made at",
  coldRoot: "COLD",
  connectionLost: "The gateway no longer answers: this page shows the last known state.",
  signIn: "Sign in",
  signInTitle: "Sign in",
  signInIntro: "This page asks for the token given in gateway.toml, section [status].",
  token: "Token",
  wrongToken: "This is not the right token.",
  tooManyAttempts: "Too many attempts. Wait a minute.",
};

/** The texts by language. */
export const TEXTS: Readonly<Record<Lang, Texts>> = { fr: FR, en: EN };
