/** What the codes of @CTES mean, as far as they are the same everywhere. */
import type { Labels } from "./fields.ts";

/** Natures of acts; 7 is what Pastell adds for acts that are published without going to the préfecture. */
export const NATURES: Labels = {
  "1": "Délibérations",
  "2": "Actes réglementaires",
  "3": "Actes individuels",
  "4": "Contrats, conventions et avenants",
  "5": "Documents budgétaires et financiers",
  "6": "Autres",
  "7": "Actes hors préfecture",
};

/** First level of matières; the levels below differ from préfecture to préfecture, each has its own classification. */
export const MATIERES: Labels = {
  "1": "Commande publique",
  "2": "Urbanisme",
  "3": "Domaine et patrimoine",
  "4": "Fonction publique",
  "5": "Institutions et vie politique",
  "6": "Libertés publiques et pouvoirs de police",
  "7": "Finances locales",
  "8": "Domaines de compétences par thèmes",
  "9": "Autres domaines de compétences",
};
