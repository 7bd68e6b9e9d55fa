/** File names of @CTES, which say much of what is in the message. They contradict it now and then, so they only fill in. */
import { type Fields, isoDate } from "./fields.ts";

/** Codes of natures, by the letters that names have for them. */
const NATURES: Readonly<Record<string, string>> = { DE: "1", AR: "2", AI: "3", CC: "4", BF: "5", AU: "6" };

const DEPARTEMENT = /^(\d{3}|02[AB])$/;
const SIREN = /^\d{9}$/;

/** What a name tells. */
export interface NameFacts {
  /** Transaction and flux, such as `1-1`. */
  readonly message?: string;
  /** Of an attachment, such as `99_DE`. */
  readonly typePiece?: string;
  readonly fields: Fields;
}

/**
 * Reads `DPT-SIREN-YYYYMMDD-NUMERO-NAT-T-F_N.ext`, with or without a type of piece (`99_DE-`) in front and `_N` behind,
 * and the names of messages on the classification, which have neither date nor number. The number of an act may hold
 * dashes and spaces, so the name is read from both its ends. `undefined` for any other name.
 */
export function readFileName(name: string): NameFacts | undefined {
  const stem = name.replace(/\.[^.]*$/, "").replace(/_\d+$/, "");
  const typed = /^(\d{2}_[A-Z]{2}|CO_[A-Z]{2})-(?=\w)/.exec(stem);
  const parts = (typed === null ? stem : stem.slice(typed[0].length)).split("-");
  const flux = parts.pop() ?? "";
  const transaction = parts.pop() ?? "";
  if (!/^\d$/.test(flux) || !/^\d$/.test(transaction)) return undefined;
  const [departement = "", siren = "", day = "", ...rest] = parts;
  if (!DEPARTEMENT.test(departement)) return undefined;
  const nature = rest.pop() ?? "";
  const numero = rest.join("-");
  const isAct = /^\d{8}$/.test(day) && NATURES[nature] !== undefined && numero !== "" && numero.length <= 15;
  if (!isAct && (day + numero + nature) !== "") return undefined;
  return {
    message: `${transaction}-${flux}`,
    ...(typed?.[1] === undefined ? {} : { typePiece: typed[1] }),
    fields: {
      // FAST asks for the classification in the name of 999-1234.
      departement: SIREN.test(siren) ? departement : undefined,
      siren: SIREN.test(siren) ? siren : undefined,
      ...(isAct ? { date: isoDate(day), numero, nature: { code: NATURES[nature] ?? "" } } : {}),
    },
  };
}

/** Reads `DPT-SIREN-YYYYMMDD-NUMERO-NAT`, which identifies an act for ever. */
export function readIdActe(idActe: string): Fields {
  const found = /^(\d{3}|02[AB])-(\d{9})-(\d{8})-(.{1,15})-([A-Z]{2})$/.exec(idActe);
  if (found === null) return {};
  const [, departement, siren, day, numero, nature = ""] = found;
  const code = NATURES[nature];
  return {
    departement,
    siren,
    date: isoDate(day),
    numero,
    nature: code === undefined ? undefined : { code },
  };
}

/** Reads the name of an envelope, `APPLI--SIREN--YYYYMMDD-N.xml` or `APPLI--PREF034-SIREN-YYYYMMDD-N.xml`, and of its archive. */
export function readEnvelopeName(name: string): Fields {
  const found =
    /(?:^|[-_])[FQETD][A-Z]{3}-[^-]*-(\d{9}|S?PREF(?:\d{3}|02[AB])\d?|SGAR\d{3})-(\d{9})?-(\d{8})-\d{1,4}(?:\.|$)/
      .exec(name);
  if (found === null) return {};
  const [, sender = "", receiver] = found;
  return { siren: receiver ?? (SIREN.test(sender) ? sender : undefined) };
}
