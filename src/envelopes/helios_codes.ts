/**
 * Codes of PES V2 and what they mean, as the schemas of the DGFiP (v5.17) document them, by the element they stand in.
 * Of dépenses, `aller` and `retour` share the lists: the longer one of `retour` goes on from the other.
 */
import type { Labels } from "./fields.ts";

/** `TypBord` of a dépense. */
export const TYPES_BORDEREAU_DEPENSE: Labels = {
  "01": "Ordinaire",
  "02": "Annulation/réduction",
  "03": "Ordres de paiement",
  "04": "Bordereau de régularisation",
};
/** `TypPce` of a dépense. */
export const TYPES_PIECE_DEPENSE: Labels = {
  "01": "Mandat ordinaire",
  "02": "Mandat correctif",
  "03": "Mandat d'ordre budgétaire",
  "04": "Mandat d'ordre mixte",
  "05": "Mandat émis après paiement",
  "06": "Mandat global",
  "07": "Mandat d'admission en non valeurs",
  "08": "Mandat collectif",
  "09": "Mandat sur marché",
  "10": "Mandat de rattachement",
  "11": "Ordre de paiement",
  "12": "Demande d'émission de mandat",
  "13": "Charges constatées d'avance",
  "14": "Demande d'émission de titre",
  "15": "Ordre de paiement de retenue de garantie",
};
/** `NatPce` of a dépense. */
export const NATURES_PIECE_DEPENSE: Labels = {
  "01": "Fonctionnement",
  "02": "Investissement",
  "03": "Inventaire",
  "04": "Emprunt",
  "05": "Régie",
  "06": "Annulation-réduction",
  "07": "Complémentaire",
  "08": "Réémis",
  "09": "Annulant un titre",
  "10": "Annulation du mandat de rattachement",
  "11": "Paie",
  "12": "Retenue de garantie",
  "13": "Dernier acompte sur marché",
  "14": "Avance forfaitaire",
  "15": "Autres",
  "18": "Opération d'ordre liée aux cessions",
  "19": "Réquisition ordonnateur",
  "20": "Autre opération avec émargement",
  "21": "Constatation de frais financiers",
  "22": "Débits d'office",
  "23": "Dépenses domiciliées",
  "24": "Remboursement de retenue de garantie",
  "25": "Remboursement de retenue de garantie manuel",
  "26": "Remboursement d'échéance d'emprunt",
  "27": "Secours d'urgence",
  "28": "Vacation police",
  "29": "Divers",
  "30": "Pénalités de retard",
};
/** `ModRegl`: how a dépense is paid. */
export const MODES_REGLEMENT_DEPENSE: Labels = {
  "01": "Numéraire",
  "02": "Chèque",
  "03": "Virement",
  "04": "Virement appli externe",
  "05": "Virement gros montant",
  "06": "Virement à l'étranger",
  "07": "Opération budget rattaché",
  "08": "Opération d'ordre",
  "09": "Avis de règlement",
  "10": "Prélèvement",
  "11": "Virement interne",
};
/** `EtatPce` of a dépense. */
export const ETATS_PIECE_DEPENSE: Labels = {
  "01": "En instance",
  "02": "Prise en charge",
  "04": "Rejetée",
  "05": "Soldée",
};
/** `EtatLigPce` of a line of a dépense. */
export const ETATS_LIGNE_DEPENSE: Labels = {
  "01": "Prise en charge",
  "02": "Rejetée",
  "03": "Pré-visée, prise en charge sans anomalie",
  "04": "Pré-visée, prise en charge avec anomalie",
  "05": "Pré-visée, rejet forçable",
  "06": "Pré-visée, rejet non forçable",
  "07": "Prise en charge avec anomalies",
  "08": "Prise en charge sans anomalie",
  "09": "Rejet",
  "10": "Rejet non forçable",
  "15": "Prise en charge avec forçage",
  "16": "Mise en instance",
};

/** `TypBord` of a recette. */
export const TYPES_BORDEREAU_RECETTE: Labels = {
  "01": "Ordinaire",
  "02": "Annulation/réduction",
  "03": "Ordres de recette",
  "04": "Bordereau de régularisation",
  "05": "P503",
  "06": "Ordres de recette multi-créanciers (ORMC)",
  "07": "Ordres de recette multi-créanciers, reversement",
};
/** `TypPce` of a recette. */
export const TYPES_PIECE_RECETTE: Labels = {
  "01": "Titre ordinaire",
  "02": "Titre correctif",
  "03": "Titre d'ordre budgétaire",
  "04": "Titre d'ordre mixte",
  "05": "Titre émis après paiement",
  "06": "Titre récapitulatif avec rôle",
  "07": "Titre récapitulatif sans rôle",
  "08": "Rôle titre",
  "09": "Titre de majoration",
  "10": "Titre en plusieurs années",
  "11": "Titre de rattachement",
  "12": "Ordre de recette ordonnateur",
  "13": "Demande d'émission de titre",
  "14": "Produits constatés d'avance",
  "15": "Titre ORMC",
};
/** `NatPce` of a recette. */
export const NATURES_PIECE_RECETTE: Labels = {
  "01": "Fonctionnement",
  "02": "Investissement",
  "03": "Inventaire",
  "04": "Emprunt",
  "05": "Régie",
  "06": "Annulation-réduction",
  "07": "Complémentaire",
  "08": "Réémis",
  "09": "Annulant un mandat",
  "10": "Annulation du titre de rattachement",
  "11": "Marché",
  "12": "Autres",
  "18": "Opération d'ordre liée aux cessions",
};
/** `Edition`: what becomes of the avis des sommes à payer (ASAP) of a recette. */
export const EDITIONS: Labels = {
  "01": "Avis des sommes à payer à éditer",
  "02": "Avis des sommes à payer CPP",
  "03": "Avis des sommes à payer ORMC CPP",
  "04": "Avis des sommes à payer sans traitement DGFiP",
  "05": "Avis des sommes à payer patients à éditer",
  "06": "Avis des sommes à payer ORMC ENSU à éditer",
};
/** `EtatPce` of a recette. */
export const ETATS_PIECE_RECETTE: Labels = {
  "01": "En instance",
  "02": "Prise en charge",
  "03": "Prise en charge partielle",
  "04": "Rejetée",
  "05": "Annulée",
};
/** `EtatLigPce` of a line of a recette. */
export const ETATS_LIGNE_RECETTE: Labels = {
  "01": "Rejetée",
  "02": "Annulée",
  "03": "Mise en instance",
  "04": "Non soldée",
  "05": "Soldée",
  "06": "Soldée en non-valeur",
};

/** `NatIdTiers`: what the identifier of a tiers, titulaire or sous-traitant is. */
export const NATURES_ID_TIERS: Labels = {
  "01": "SIRET",
  "02": "SIREN",
  "03": "FINESS",
  "04": "NIR",
  "05": "TVA intracommunautaire",
  "06": "Hors UE",
  "07": "TAHITI",
  "08": "RIDET",
  "09": "En cours d'immatriculation",
  "10": "FRWF",
  "11": "IREP",
  "12": "NFP",
};
/** `CatTiers` of a tiers. */
export const CATEGORIES_TIERS: Labels = {
  "01": "Personnes physiques",
  "20": "État et établissements publics nationaux",
  "21": "Régions",
  "22": "Départements",
  "23": "Communes",
  "24": "Groupements de collectivités",
  "25": "Caisses des écoles",
  "26": "CCAS",
  "27": "Établissements publics de santé",
  "28": "École nationale de la santé publique",
  "29": "Autres établissements publics et organismes internationaux",
  "50": "Autres organismes sociaux",
  "60": "Personnes morales de droit privé autres qu'organismes sociaux",
  "61": "Caisses de sécurité sociale régime général",
  "62": "Caisses de sécurité sociale régime agricole",
  "63": "Sécurité sociale des travailleurs non salariés et professions non agricoles",
  "64": "Autres régimes obligatoires de sécurité sociale",
  "65": "Mutuelles et organismes d'assurance",
  "70": "Divers autres tiers payants",
  "71": "CNRACL",
  "72": "IRCANTEC",
  "73": "ASSEDIC",
  "74": "Caisses mutualistes de retraite complémentaires",
};
/** `NatJur` of a tiers. */
export const NATURES_JURIDIQUES: Labels = {
  "00": "Inconnue",
  "01": "Particuliers",
  "02": "Artisan / commerçant / agriculteur",
  "03": "Société",
  "04": "CAM ou caisse appliquant les mêmes règles",
  "05": "Caisse complémentaire",
  "06": "Association",
  "07": "État ou organisme d'État",
  "08": "Établissement public national",
  "09": "Collectivité territoriale / EPL / EPS",
  "10": "État étranger / ambassade",
  "11": "CAF",
};
/** `TypTiers`: the part that a tiers has. */
export const TYPES_TIERS: Labels = {
  "01": "Débiteur principal",
  "03": "Débiteur solidaire",
  "04": "Co-débiteur",
  "05": "Employeur",
  "06": "Malade",
  "07": "Assuré",
  "10": "Client",
  "11": "Acheteur",
  "12": "Destinataire",
};

/** `TypePJ` of an attachment. */
export const TYPES_PJ: Labels = {
  "001": "Document budgétaire",
  "002": "Recette",
  "003": "Dépense",
  "004": "État de paye",
  "005": "État d'aide sociale",
  "006": "PES Facture",
  "007": "Facture ORMC CPP",
  "008": "Document complémentaire à l'ASAP CPP",
  "009": "Pièce contractuelle marché",
  "010": "Facture ASAP ORMC ENSU à éditer",
  "011": "Document complémentaire à l'ASAP ENSU à éditer",
  "012": "CFU état ordonnateur",
  "013": "CFU états annexes",
};
/** `Support` of an attachment. */
export const SUPPORTS: Labels = {
  "01": "Support électronique",
  "02": "Support papier",
  "03": "Support cédérom/dvdrom",
};
/** `Domaine` that attachments are sent for. */
export const DOMAINES: Labels = { "01": "Dépense", "02": "Recette", "04": "Budget", "06": "Marché" };

/** `NatureMarche` of a marché. */
export const NATURES_MARCHE: Labels = {
  "01": "Marché",
  "02": "Marché de partenariat",
  "03": "Accord-cadre à bons de commande",
  "04": "Accord-cadre avec marché subséquent ou mixte",
  "05": "Marché subséquent",
  "06": "Complémentaire",
  "07": "Autre",
};
/** `ProcedureMarche` of a marché. */
export const PROCEDURES_MARCHE: Labels = {
  "01": "Procédure adaptée",
  "02": "Appel d'offres ouvert",
  "03": "Appel d'offres restreint",
  "04": "Procédure concurrentielle avec négociation",
  "05": "Procédure négociée avec mise en concurrence préalable",
  "06": "Marché négocié sans publicité ni mise en concurrence",
  "07": "Dialogue compétitif",
  "08": "Concours",
  "09": "Système d'acquisition dynamique",
  "10": "Autre",
};
/** `TypeTitulaireMarche` of a marché. */
export const TYPES_TITULAIRE: Labels = { "01": "Titulaire du marché", "02": "Co-traitant" };

/** `DomaineAck` of an acquit. */
export const DOMAINES_ACQUIT: Labels = {
  "0": "Technique",
  "1": "Signature technique",
  "2": "Signature globale",
  "3": "Signature bordereau",
  "4": "PJ",
  "5": "Dépense",
  "6": "Recette",
  "7": "Rôle",
  "8": "Budget",
  "9": "État actif",
  "10": "État passif",
  "11": "Marché",
  "12": "Facture",
  "99": "Paramétrage",
};
/** `EtatAck` of an acquit. */
export const ETATS_ACQUIT: Labels = { "0": "Refusé", "1": "Accepté" };
