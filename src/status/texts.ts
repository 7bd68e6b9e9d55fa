/**
 * Every sentence of the page, in French and in English. What the gateway itself reports is English; `reported` of these
 * texts says it in the reader's language.
 */
import { EN } from "./texts_en.ts";
import { FR } from "./texts_fr.ts";

/** A language the page speaks. */
export type Lang = "fr" | "en";

/** Every language; readers of none of them get the last. */
export const LANGS: readonly Lang[] = ["fr", "en"];

/** The texts of one language. */
export type Texts = typeof FR;

/** The texts by language. */
export const TEXTS: Readonly<Record<Lang, Texts>> = { fr: FR, en: EN };
