/** What of a person is left out unless the user wishes for personal data. Firms and public bodies are told whole. */
import type { Value } from "./fields.ts";
import type { Members } from "./helios_lists.ts";

/** NIR and NFP are numbers of natural persons. */
const PERSONAL_IDS: ReadonlySet<string> = new Set(["04", "12"]);
const NATURAL_PERSONS = "01";
/** A number of social security, with its key or without. */
const NIR = /^[1-8]\d{4}(?:\d{2}|2[AB])\d{6}(?:\d{2})?$/i;

/** Takes out what identifies a natural person: names, and numbers that only persons have. */
export function withoutPersonal(tiers: Members): void {
  const id = tiers["id"];
  const nature = codeIn(tiers["nature_id"]);
  if (PERSONAL_IDS.has(nature) || (nature === "" && typeof id === "string" && NIR.test(id))) {
    delete tiers["id"];
  }
  if (codeIn(tiers["categorie"]) !== NATURAL_PERSONS) return;
  for (const name of ["id", "civilite", "nom", "complement_nom", "prenom"]) delete tiers[name];
}

function codeIn(value: Value | undefined): string {
  const code = typeof value === "object" && "code" in value ? value.code : undefined;
  return typeof code === "string" ? code : "";
}
