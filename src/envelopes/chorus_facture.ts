/** One invoice of a pivot as fields. */
import { CADRES, IDENTIFIANTS, PAIEMENTS, TYPES, TYPES_PJ } from "./chorus_codes.ts";
import { codeOf, compact, type Fields, isoDate } from "./fields.ts";
import type { Wishes } from "./envelope.ts";
import { child, children, childText, type XmlElement } from "./xml_tree.ts";

/** The fields of a `CPPFacturePivotUnitaire` or `CPPFactureMixteUnitaire`; attachments are for the reader of the pivot to add. */
export function factureFields(unit: XmlElement, wishes: Wishes): Fields {
  const donnees = child(unit, "DonneesFacture");
  const text = (...path: string[]) => childText(donnees, ...path);
  return compact({
    numero: text("Id"),
    id_chorus: text("IdCPRO"),
    renvoi: text("Renvoi"),
    facture_origine: text("IdFactureOrigine"),
    type_facture: codeOf(text("Type"), TYPES),
    cadre: codeOf(text("Cadre"), CADRES),
    date: isoDate(text("DateEmissionFacture")),
    date_livraison: isoDate(text("DateLivraison")),
    date_reception: isoDate(text("DateReception")),
    date_mise_a_disposition_moe: isoDate(text("DateMiseADispositionMOE")),
    fournisseur: fournisseurFields(child(unit, "Fournisseur"), wishes),
    destinataire: destinataireFields(child(unit, "Debiteur"), wishes),
    valideur: partieFields(child(unit, "Valideur"), wishes),
    numero_engagement: text("Engagement", "NumeroEngagement"),
    numero_marche: text("Engagement", "NumeroMarche"),
    mode_paiement: codeOf(text("ModePaiement", "Code"), PAIEMENTS, text("ModePaiement", "Libelle")),
    devise: text("Devise"),
    montant_ht: text("Montants", "MontantHT"),
    montant_ttc: text("Montants", "MontantTTC"),
    montant_net_a_payer: text("Montants", "MontantNetAPayer"),
    tvas: children(child(donnees, "TVAs") ?? child(donnees, "TVAS"), "TVA").map((tva) => ({
      taux: childText(tva, "Taux"),
      base_ht: childText(tva, "BaseHt") || childText(tva, "BaseHT"),
      montant: childText(tva, "MontantTVA"),
    })),
    lignes: children(child(donnees, "Lignes"), "Ligne").map((ligne) => ({
      numero: ligne.attributes.get("NumOrdre"),
      reference: childText(ligne, "ReferenceProduit"),
      description: childText(ligne, "Description"),
      prix_unitaire: childText(ligne, "PrixUnitaire"),
      quantite: childText(ligne, "Quantite"),
      montant_ht: childText(ligne, "MontantHT"),
      taux_tva: childText(ligne, "TauxTVA"),
      site_livraison: childText(ligne, "SiteLivraison"),
    })),
    validations: children(child(unit, "CycleDeValidation"), "ValidationUnitaire").map((validation) => ({
      date: isoDate(childText(validation, "DateStatut")),
      statut: childText(validation, "CodeStatut"),
      complement: childText(validation, "ComplementStatut"),
      commentaire: childText(validation, "Commentaire"),
      producteur: partieFields(child(validation, "ProducteurStatut"), wishes),
    })),
  }) ?? {};
}

/** What a `PJ` tells of its attachment. */
export function pieceFields(pj: XmlElement): Fields {
  return compact({
    id_unique: childText(pj, "IdUnique"),
    nom: childText(pj, "NomPJ"),
    nom_origine: childText(pj, "NomPJOrigine"),
    categorie: childText(pj, "CategoriePJ"),
    type_pj: codeOf(childText(pj, "TypePJ"), TYPES_PJ),
  }) ?? {};
}

/** What a `CPPStatut` tells of the invoices in it. */
export function statutFields(unit: XmlElement, wishes: Wishes): Fields {
  const donnees = child(unit, "DonneesStatut");
  return compact({
    numero: childText(donnees, "IdFacture"),
    date: isoDate(childText(donnees, "DateFacture")),
    fournisseur: fournisseurFields(child(unit, "Fournisseur"), wishes),
    destinataire: destinataireFields(child(unit, "Debiteur"), wishes),
    validations: [{
      date: isoDate(childText(donnees, "Horodatage")),
      statut: childText(donnees, "IdStatut"),
      complement: childText(donnees, "ComplementStatut"),
      commentaire: childText(donnees, "Commentaire"),
    }],
  }) ?? {};
}

/** What the envelope around the invoices tells of the flux. */
export function fluxFields(root: XmlElement): Fields {
  const enveloppe = child(root, "EnveloppeUnitaire");
  const parametres = children(child(enveloppe, "Parametres"), "ParametreIndiv");
  const parametre = (code: string) =>
    childText(parametres.find((each) => childText(each, "Code") === code), "Valeurparametre");
  const partenaire = (name: string) => ({
    id: childText(enveloppe, "Partenaires", name, "Id"),
    libelle: childText(enveloppe, "Partenaires", name, "Libelle"),
  });
  return compact({
    id_flux: parametre("IdFlx"),
    date_production: isoDate(parametre("DtPrd")),
    emetteur: partenaire("Emetteur"),
    recepteur: partenaire("Recepteur"),
  }) ?? {};
}

function fournisseurFields(fournisseur: XmlElement | undefined, wishes: Wishes): Fields {
  const banque = child(fournisseur, "ReferenceBancaire");
  return {
    ...partieFields(fournisseur, wishes),
    pays: childText(fournisseur, "CodePays"),
    mode_emission: childText(fournisseur, "ModeEmission"),
    reference_bancaire: wishes.personalData && banque !== undefined
      ? {
        type: banque.attributes.get("Type"),
        compte: childText(banque, "Compte"),
        etablissement: childText(banque, "Etablissement"),
        encaisseur: childText(banque, "RaisonSocialeEncaisseur"),
      }
      : undefined,
  };
}

function destinataireFields(debiteur: XmlElement | undefined, wishes: Wishes): Fields {
  return {
    ...partieFields(debiteur, wishes),
    nom: childText(debiteur, "Nom") || childText(debiteur, "RaisonSociale"),
    service_code: childText(debiteur, "CodeService"),
    service: childText(debiteur, "NomService"),
  };
}

function partieFields(partie: XmlElement | undefined, { personalData }: Wishes): Fields {
  const type = childText(partie, "TypeIdentifiant");
  return {
    type_identifiant: codeOf(type, IDENTIFIANTS),
    // A particulier is known by a number of their own.
    identifiant: type === "7" && !personalData
      ? undefined
      : childText(partie, "Identifiant") || childText(partie, "Id"),
    nom: childText(partie, "RaisonSociale"),
  };
}
