/**
 * What each element of a PES becomes. A rule stands for an element at its place; elements without one, and all in them,
 * are left out. Names of members are those of `metadata.schema.json`.
 */
import * as codes from "./helios_codes.ts";
import { code, date, element, inside, type Rule, type Rules, text } from "./helios_rule.ts";

const ADRESSE: Rules = {
  Adr1: text("ligne_1"),
  Adr2: text("ligne_2"),
  Adr3: text("ligne_3"),
  CP: text("code_postal"),
  Ville: text("ville"),
  CodPays: text("pays"),
};
const COMPTE: Rules = {
  CodeEtab: text("etablissement"),
  CodeGuic: text("guichet"),
  IdCpte: text("compte"),
  CleRib: text("cle"),
  BIC: text("bic"),
  IBAN: text("iban"),
  LibBanc: text("banque"),
  TitCpte: text("titulaire"),
};
const TIERS: Rules = {
  InfoTiers: inside({
    IdTiers: text("id"),
    NatIdTiers: code("nature_id", codes.NATURES_ID_TIERS),
    RefTiers: text("reference"),
    CatTiers: code("categorie", codes.CATEGORIES_TIERS),
    NatJur: code("nature_juridique", codes.NATURES_JURIDIQUES),
    TypTiers: code("type", codes.TYPES_TIERS),
    Civilite: text("civilite"),
    Nom: text("nom"),
    ComplNom: text("complement_nom"),
    Prenom: text("prenom"),
  }),
  Adresse: element({ group: "adresse", isPersonal: true }, ADRESSE),
  CpteBancaire: element({ group: "compte_bancaire", isPersonal: true }, COMPTE),
};
const PJ_REF = element({ list: "pj" }, {
  IdUnique: text("id_unique"),
  Support: code("support", codes.SUPPORTS),
  NomPJ: text("nom"),
  TypePJ: code("type", codes.TYPES_PJ),
});
const BORDEREAU = {
  Exer: text("exercice", "exercices"),
  IdBord: text("numero", "numeros_bordereaux"),
  DteBordEm: date("date"),
  NbrPce: text("nombre_pieces"),
  MtCumulAnnuel: text("montant_cumul"),
  MtBordTVA: text("montant_tva"),
} satisfies Rules;
const LIENS: Rule = inside({
  IdConv: text("convention"),
  IdMarche: text("marche"),
  IdEmpruntOrdo: text("emprunt"),
  IdActif: text("inventaire"),
  IdRegie: text("regie"),
});
const RATTACHEMENT = element({ group: "rattachement" }, {
  ExerRat: text("exercice"),
  IdPceOrig: text("piece"),
  IdLigneOrig: text("ligne"),
});
const LIGNE = {
  IdLigne: text("numero"),
  Nature: text("nature", "natures"),
  Fonction: text("fonction", "fonctions"),
  Operation: text("operation"),
  CpteTiers: text("compte_tiers"),
  MtHT: text("montant_ht"),
  MtTVA: text("montant_tva"),
  ObsEtat: text("motif"),
  Commentaire: text("commentaire"),
  PJRef: PJ_REF,
} satisfies Rules;
/** What a Retour tells of a pièce. */
const SUITE = {
  DtePcePec: date("date_prise_en_charge"),
  DtePceRej: date("date_rejet"),
  DtePceInst: date("date_mise_en_instance"),
  ObsEtat: text("motif"),
  Commentaire: text("commentaire"),
} satisfies Rules;

const DEPENSE_INFO = inside({
  ...SUITE,
  IdPce: text("numero", "numeros_pieces"),
  TypPce: code("type", codes.TYPES_PIECE_DEPENSE),
  NatPce: code("nature", codes.NATURES_PIECE_DEPENSE),
  Obj: text("objet"),
  DteEch: date("date_echeance"),
  CodServ: text("service"),
  EtatPce: code("etat", codes.ETATS_PIECE_DEPENSE),
  PJRef: PJ_REF,
});
const DEPENSE_INFO_LIGNE = inside({
  ...LIGNE,
  Facture: text("facture"),
  LibVir1: text("libelle"),
  LibVir2: text("libelle_2"),
  ModRegl: code("mode_reglement", codes.MODES_REGLEMENT_DEPENSE),
  EtatLigPce: code("etat", codes.ETATS_LIGNE_DEPENSE),
});
const DEPENSE = element({ domaine: "depense" }, {
  Bordereau: element({ item: "bordereaux" }, {
    BlocBordereau: inside({
      ...BORDEREAU,
      TypBord: code("type", codes.TYPES_BORDEREAU_DEPENSE),
      MtBordHT: text("montant_ht"),
    }),
    Piece: element({ item: "pieces" }, {
      InfoPiece: DEPENSE_INFO,
      BlocPiece: inside({
        InfoPce: DEPENSE_INFO,
        DGP: element({ group: "dgp" }, {
          DteDebDgp: date("debut"),
          DteFinDgp: date("fin"),
          DureeDgp: text("duree"),
          TxIntMor: text("taux"),
        }),
      }),
      LigneDePiece: element({ list: "lignes" }, {
        BlocLignePiece: inside({
          InfoLignePce: DEPENSE_INFO_LIGNE,
          InfoLignePiece: DEPENSE_INFO_LIGNE,
          RattachPiece: RATTACHEMENT,
          LiensIdent: LIENS,
          InfoPaiement: inside({ MtPayTot: text("montant_paye") }),
        }),
        Tiers: element({ list: "tiers", isTiers: true }, TIERS),
        PaiementEmargement: element({ list: "emargements" }, {
          DtePay: date("date"),
          MtPay: text("montant"),
        }),
      }),
    }),
  }),
});

const RECETTE_INFO_LIGNE = inside({
  ...LIGNE,
  ObjLignePce: text("libelle"),
  CodProdLoc: text("produit"),
  EtatLigPce: code("etat", codes.ETATS_LIGNE_RECETTE),
});
const RECETTE = element({ domaine: "recette" }, {
  Bordereau: element({ item: "bordereaux" }, {
    BlocBordereau: inside({
      ...BORDEREAU,
      TypBord: code("type", codes.TYPES_BORDEREAU_RECETTE),
      MtBordHt: text("montant_ht"),
      DteAsp: date("date_asp"),
      Objet: text("objet"),
    }),
    BordereauORMCGlobal: inside({
      ...BORDEREAU,
      MtTTC: text("montant_ttc"),
      DtePec: date("date_prise_en_charge"),
      DteRej: date("date_rejet"),
      DteInst: date("date_mise_en_instance"),
    }),
    Piece: element({ item: "pieces" }, {
      BlocPiece: inside({
        ...SUITE,
        IdPce: text("numero", "numeros_pieces"),
        TypPce: code("type", codes.TYPES_PIECE_RECETTE),
        NatPce: code("nature", codes.NATURES_PIECE_RECETTE),
        ObjPce: text("objet"),
        Obj: text("objet"),
        CodServ: text("service"),
        IdRol: text("role"),
        DteAsp: date("date_asp"),
        Edition: code("edition", codes.EDITIONS),
        NumDette: text("dette"),
        NumeroFacture: text("facture"),
        NumeroMarche: text("marche"),
        NumeroEngagement: text("engagement"),
        CodeService: text("service_destinataire"),
        NomService: text("service_destinataire_nom"),
        EtatPce: code("etat", codes.ETATS_PIECE_RECETTE),
        PJRef: PJ_REF,
      }),
      LigneDePiece: element({ list: "lignes" }, {
        BlocLignePiece: inside({
          InfoLignePiece: RECETTE_INFO_LIGNE,
          InfoLignePce: RECETTE_INFO_LIGNE,
          RattachPiece: RATTACHEMENT,
          LiensIdent: LIENS,
          InfoRecouvrement: inside({ MtRecoTot: text("montant_recouvre") }),
        }),
        Tiers: element({ list: "tiers", isTiers: true }, TIERS),
        EncaissementEmargement: element({ list: "emargements" }, {
          DteReco: date("date"),
          MtReco: text("montant"),
        }),
      }),
    }),
  }),
});

const FACTURE = element({ domaine: "facture" }, {
  FactureIndiv: element({ item: "factures" }, {
    NumeroFacture: text("numero"),
    DateEmission: date("date"),
    DateReglement: date("date_reglement"),
    Objet: text("objet"),
    Debiteur: element({ group: "debiteur", isTiers: true }, TIERS),
    Destinataire: element({ group: "destinataire", isTiers: true }, TIERS),
    LigneFacture: element({ list: "lignes" }, {
      Libelle: text("libelle"),
      Quantite: text("quantite"),
      MtHT: text("montant_ht"),
      MtTVA: text("montant_tva"),
      MtTTC: text("montant_ttc"),
    }),
    TotalAPayer: inside({
      MtTotalHT: text("montant_ht"),
      MtTotalTVA: text("montant_tva"),
      MtTotalTTC: text("montant_ttc"),
    }),
    RefTitre: element({ list: "titres" }, {
      Exercice: text("exercice"),
      NumBordereau: text("bordereau"),
      NumTitre: text("piece"),
      NumLigne: text("ligne"),
    }),
  }),
});

const CONTRAT = inside({ IdContrat: text("numero"), NumeroOrdreModification: text("modification") });
const TITULAIRE: Rules = {
  TypeTitulaireMarche: code("type", codes.TYPES_TITULAIRE),
  NatIdTitulaire: code("nature_id", codes.NATURES_ID_TIERS),
  NatIdSousTraitant: code("nature_id", codes.NATURES_ID_TIERS),
  NatId: code("nature_id", codes.NATURES_ID_TIERS),
  IdTitulaire: text("id"),
  IdSousTraitant: text("id"),
  Id: text("id"),
  DenominationSociale: text("nom"),
  Prenom: text("prenom"),
  CatTiers: code("categorie", codes.CATEGORIES_TIERS),
  NatJur: code("nature_juridique", codes.NATURES_JURIDIQUES),
  Adresse: element({ group: "adresse", isPersonal: true }, ADRESSE),
  CpteBancaire: element({ group: "compte_bancaire", isPersonal: true }, COMPTE),
};
const MARCHES = inside({
  Marche: element({ item: "marches" }, {
    IdentifiantMarche: CONTRAT,
    NatureMarche: code("nature", codes.NATURES_MARCHE),
    Objet: text("objet"),
    CodeCPV: text("cpv"),
    ProcedureMarche: code("procedure", codes.PROCEDURES_MARCHE),
    DureeEnMois: text("duree_mois"),
    MontantHTNotifie: text("montant_ht"),
    MontantTVANotifie: text("montant_tva"),
    DateSignature: date("date_signature"),
    DateNotification: date("date_notification"),
    Operateurs: inside({
      Titulaire: element({ list: "titulaires", isTiers: true }, TITULAIRE),
      SousTraitantPaiementDirect: element({ list: "sous_traitants", isTiers: true }, TITULAIRE),
    }),
    PJRefs: inside({ PJRef: PJ_REF }),
  }),
});
const CONCESSIONS = inside({
  Concession: element({ item: "marches" }, {
    IdentifiantConcession: CONTRAT,
    Objet: text("objet"),
    DureeMoisInitiale: text("duree_mois"),
    ValeurGlobale: text("montant_ht"),
    DateSignature: date("date_signature"),
    Concessionnaires: inside({ Concessionnaire: element({ list: "titulaires", isTiers: true }, TITULAIRE) }),
    PJRefs: inside({ PJRef: PJ_REF }),
  }),
});

const PJ = element({ domaine: "pj" }, {
  PJ: element({ isAttachment: true }, {
    Contenu: inside({ Fichier: element({ isContent: true }, {}) }),
    IdUnique: text("id_unique", "ids_pj"),
    NomPJ: text("nom"),
    TypePJ: code("type_pj", codes.TYPES_PJ),
    Description: text("description"),
    RefCompta: element({ list: "references" }, {
      Domaine: code("domaine", codes.DOMAINES),
      Exercice: text("exercice", "exercices"),
      Identifiant: text("identifiant"),
      ComplementIdentifiant: text("complement"),
    }),
  }),
});

const ERREUR: Rules = { NumAnoAck: text("code"), LibelleAnoAck: text("libelle", "anomalies") };
const ERREURS = element({ list: "erreurs" }, ERREUR);
const ACQUIT: Rule = inside({
  ElementACQUIT: element({ item: "elements" }, {
    DomaineAck: code("domaine", codes.DOMAINES_ACQUIT),
    EtatAck: code("etat", codes.ETATS_ACQUIT),
    NumBord: text("bordereau", "numeros_bordereaux"),
    ExerciceBord: text("exercice", "exercices"),
    IdMarche: text("marche"),
    IdUnique: text("id_unique"),
    // The first version is flat.
    NumPiece: text("piece"),
    NumLigne: text("ligne"),
    NumAnoAck: text("code"),
    LibelleAnoAck: text("libelle", "anomalies"),
    Erreur: ERREURS,
    DetailPiece: element({ list: "pieces" }, {
      NumPiece: text("numero"),
      Erreur: ERREURS,
      DetailLigne: element({ list: "lignes" }, { NumLigne: text("numero"), Erreur: ERREURS }),
    }),
  }),
});

const CLIENT = element({ domaine: "client" }, {
  Client: element({ item: "clients" }, {
    RefTiers: text("reference"),
    ResteARecouvrer: element({ list: "restes" }, {
      CodProdLoc: text("produit"),
      Rar: text("montant"),
      RarFrais: text("frais"),
    }),
  }),
});

/** The rules for the root element of every PES. */
export const MESSAGE: Rule = inside({
  Enveloppe: inside({
    Parametres: inside({ TypFic: text("type_fichier"), NomFic: text("nom_fichier") }),
    Emetteur: element({ group: "emetteur" }, { Sigle: text("sigle"), Adresse: text("adresse") }),
  }),
  EnTetePES: inside({
    DteStr: date("date"),
    IdPost: text("id_poste"),
    LibellePoste: text("libelle_poste"),
    IdColl: text("siret"),
    FinJur: text("fin_jur"),
    CodCol: text("code_collectivite"),
    CodColl: text("code_collectivite"),
    CodBud: text("code_budget"),
    LibelleColBud: text("libelle_budget"),
  }),
  PES_DepenseAller: DEPENSE,
  PES_DepenseRetour: DEPENSE,
  PES_RecetteAller: RECETTE,
  PES_RecetteRetour: RECETTE,
  PES_ClientRetour: CLIENT,
  PES_Facture: FACTURE,
  PES_Marche: element({ domaine: "marche" }, { Marches: MARCHES, Concessions: CONCESSIONS }),
  PES_PJ: PJ,
  ACQUIT,
  NonAcquit: ACQUIT,
});
