/** What the codes of Chorus Pro mean, as the schemas of the pivot and the State's specification of Chorus Pro tell. */
import type { Labels } from "./fields.ts";

/** TypeIdentifiant of fournisseur and débiteur. */
export const IDENTIFIANTS: Labels = {
  "1": "SIRET",
  "2": "Structure européenne hors France",
  "3": "Structure hors Union européenne",
  "4": "RIDET",
  "5": "Numéro Tahiti",
  "6": "En cours d'immatriculation",
  "7": "Particulier",
};

/** Type of an invoice. */
export const TYPES: Labels = { "380": "Facture", "381": "Avoir" };

/** Type of an invoice as the list of Chorus Pro names it. */
export const TYPE_CODES: Labels = { FACTURE: "380", AVOIR: "381" };

/** TypePJ of an attachment. */
export const TYPES_PJ: Labels = { "01": "Facture", "02": "Pièce complémentaire" };

/** Cadre: who deposits what. */
export const CADRES: Labels = {
  A1: "Facture d'un fournisseur",
  A2: "Facture déjà payée d'un fournisseur",
  A3: "Mémoire de frais de justice d'un fournisseur",
  A4: "Projet de décompte mensuel d'un fournisseur",
  A5: "État d'acompte d'un fournisseur",
  A6: "État d'acompte validé d'un fournisseur",
  A7: "Projet de décompte final d'un fournisseur",
  A8: "Décompte général et définitif d'un fournisseur",
  A9: "Facture d'un sous-traitant",
  A10: "Demande de paiement d'un sous-traitant",
  A12: "Facture d'un cotraitant",
  A13: "Projet de décompte mensuel d'un cotraitant",
  A14: "Projet de décompte final d'un cotraitant",
  A15: "État d'acompte d'une maîtrise d'œuvre",
  A16: "État d'acompte validé d'une maîtrise d'œuvre",
  A17: "Projet de décompte général d'une maîtrise d'œuvre",
  A18: "Décompte général d'une maîtrise d'œuvre",
  A19: "État d'acompte validé d'une maîtrise d'ouvrage",
  A20: "Décompte général d'une maîtrise d'ouvrage",
  A21: "Demande de remboursement de la taxe intérieure de consommation",
  A22: "Projet de décompte général d'un fournisseur ou mandataire",
  A23: "Décompte général et définitif tacite d'un fournisseur ou mandataire",
  A24: "Décompte général et définitif d'une maîtrise d'ouvrage",
  A25: "Décompte général et définitif d'une maîtrise d'ouvrage (marché de travaux)",
};

/** Code of ModePaiement (UN/CEFACT 4461). */
export const PAIEMENTS: Labels = {
  "10": "Espèces",
  "20": "Chèque",
  "30": "Virement",
  "31": "Débit",
  "42": "Paiement sur un compte bancaire",
  "48": "Carte bancaire",
  "49": "Prélèvement",
  "97": "Compensation",
};

/** States of an invoice, as the list of Chorus Pro names them. */
export const STATUTS: Labels = {
  DEPOSEE: "Déposée",
  EN_COURS_ACHEMINEMENT: "En cours d'acheminement",
  MISE_A_DISPOSITION: "Mise à disposition",
  A_RECYCLER: "À recycler",
  REJETEE: "Rejetée",
  SUSPENDUE: "Suspendue",
  SERVICE_FAIT: "Service fait",
  MANDATEE: "Mandatée",
  MISE_A_DISPOSITION_COMPTABLE: "Mise à disposition du comptable",
  COMPTABILISEE: "Comptabilisée",
  MISE_EN_PAIEMENT: "Mise en paiement",
  COMPLETEE: "Complétée",
};
