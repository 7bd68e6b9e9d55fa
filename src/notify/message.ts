/** What a notification says. No secret, nothing of a mail: not even the name of a file that was in one. */
import { hostname } from "node:os";
import { inFrench } from "../french/mod.ts";
import type { Incident } from "./incident.ts";
import { withoutNames } from "./without_names.ts";

/** `opened`: it is wrong; `closed`: no longer; `test`: nothing is wrong. */
export type NotifyEvent = "opened" | "closed" | "test";

/** One message, for every channel. */
export interface Message {
  /** The same for both messages of an incident. */
  readonly id: string;
  readonly event: NotifyEvent;
  readonly kind: Incident["kind"] | "test";
  /** Launcher or service; empty for the gateway as a whole. */
  readonly name: string;
  /** This machine. */
  readonly host: string;
  readonly since: Date;
  readonly at: Date;
  readonly title: string;
  readonly lines: readonly string[];
  /** Ids of the quarantine, with which `deno task quarantine show` says more. */
  readonly quarantine: readonly string[];
}

type Lang = "fr" | "en";

interface Texts {
  readonly what: Readonly<Record<Incident["kind"], (name: string, count: number) => string>>;
  readonly over: Readonly<Record<Incident["kind"], (name: string) => string>>;
  readonly since: (when: string) => string;
  readonly lasted: (from: string, to: string) => string;
  readonly remedy: Readonly<Record<Incident["kind"], string>>;
  readonly page: (address: string) => string;
  /** Says what the gateway reports, which is English. */
  readonly reported: (reason: string) => string;
  readonly test: readonly [title: string, line: string];
}

const TEXTS: Readonly<Record<Lang, Texts>> = {
  fr: {
    what: {
      launcher: (name) => `lanceur ${name} en erreur`,
      service: (name) => `service ${name} du tunnel en erreur`,
      quarantine: (name, count) => `lanceur ${name} : ${count} en quarantaine`,
      space: () => "la quarantaine se remplit",
      gateway: () => "la passerelle s'est arrêtée sur une erreur",
    },
    over: {
      launcher: (name) => `lanceur ${name} rétabli`,
      service: (name) => `service ${name} du tunnel rétabli`,
      quarantine: (name) => `lanceur ${name} : quarantaine traitée`,
      space: () => "la quarantaine a de nouveau de la place",
      gateway: () => "la passerelle fonctionne de nouveau",
    },
    since: (when) => `Depuis ${when}.`,
    lasted: (from, to) => `De ${from} à ${to}.`,
    remedy: {
      launcher: "Rien n'est perdu : les originaux restent où ils sont. Détail : deno task status",
      service: "Détail et remède : deno task status",
      quarantine: "Raison de chacun : deno task quarantine show ID ; ensuite retry ID ou drop ID",
      space: "Traiter ou retirer des éléments : deno task quarantine list, retry ID, drop ID",
      gateway: "Corriger la cause, puis relancer : deno task start",
    },
    page: (address) => `Page d'état : ${address}`,
    reported: inFrench,
    test: [
      "essai des notifications",
      "Tout va bien : ceci est un essai, envoyé par deno task check --connect.",
    ],
  },
  en: {
    what: {
      launcher: (name) => `launcher ${name} in error`,
      service: (name) => `tunnel service ${name} in error`,
      quarantine: (name, count) => `launcher ${name}: ${count} in quarantine`,
      space: () => "the quarantine is filling up",
      gateway: () => "the gateway has stopped with an error",
    },
    over: {
      launcher: (name) => `launcher ${name} works again`,
      service: (name) => `tunnel service ${name} works again`,
      quarantine: (name) => `launcher ${name}: quarantine treated`,
      space: () => "the quarantine has room again",
      gateway: () => "the gateway runs again",
    },
    since: (when) => `Since ${when}.`,
    lasted: (from, to) => `From ${from} to ${to}.`,
    remedy: {
      launcher: "Nothing is lost: originals stay where they are. More: deno task status",
      service: "More, and remedies: deno task status",
      quarantine: "Why, for each: deno task quarantine show ID; then retry ID or drop ID",
      space: "Treat or remove some: deno task quarantine list, retry ID, drop ID",
      gateway: "Mend the cause, then start it again: deno task start",
    },
    page: (address) => `Status page: ${address}`,
    reported: (reason) => reason,
    test: ["test of notifications", "All is well: this is a test, sent by deno task check --connect."],
  },
};

/** How a message is worded. */
export interface Wording {
  readonly lang: Lang;
  /** Address of the status page. */
  readonly page: string;
  /** `cold.root`: names of documents below it are left out. */
  readonly root: string;
}

/** The message of an incident. */
export function messageOf(incident: Incident, event: "opened" | "closed", wording: Wording): Message {
  const { id, kind, name, entries } = incident;
  const texts = TEXTS[wording.lang];
  const since = new Date(incident.since);
  const at = new Date(incident.over ?? Date.now());
  const lines = event === "opened"
    ? [
      texts.since(moment(since, wording.lang)),
      ...(incident.reason === "" ? [] : [texts.reported(withoutNames(incident.reason, wording.root))]),
      ...entries.map((entry) => `  ${entry}`),
      texts.remedy[kind],
    ]
    : [texts.lasted(moment(since, wording.lang), moment(at, wording.lang))];
  return {
    id,
    event,
    kind,
    name,
    host: hostname(),
    since,
    at,
    title: event === "opened" ? texts.what[kind](name, entries.length) : texts.over[kind](name),
    lines: [...lines, texts.page(wording.page)],
    quarantine: entries,
  };
}

/** The message that `check --connect` sends. */
export function testMessage({ lang, page }: Pick<Wording, "lang" | "page">): Message {
  const [title, line] = TEXTS[lang].test;
  const now = new Date();
  return {
    id: crypto.randomUUID(),
    event: "test",
    kind: "test",
    name: "",
    host: hostname(),
    since: now,
    at: now,
    title,
    lines: [line, TEXTS[lang].page(page)],
    quarantine: [],
  };
}

function moment(date: Date, lang: Lang): string {
  return date.toLocaleString(lang === "fr" ? "fr-FR" : "en-GB", { dateStyle: "short", timeStyle: "short" });
}
