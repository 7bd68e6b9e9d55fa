/** The classification of a préfecture (`RetourClassification`): its natures, types of pieces and matières. */
import { type Code, compact, type Fields } from "./fields.ts";
import type { XmlElement } from "./xml_tree.ts";

/** `natures` and `matieres`; matières of all levels, in order, each by its whole code, as in `1.1.2`. */
export function classificationFields(root: XmlElement): Fields {
  if (root.name !== "RetourClassification") return {};
  return compact({ natures: readNatures(root), matieres: classificationMatieres(root) }) ?? {};
}

function readNatures(root: XmlElement): readonly Fields[] {
  return below(root, "NaturesActes").map((nature) => ({
    ...codeOf(nature, "CodeNatureActe"),
    abrege: nature.attributes.get("TypeAbrege"),
    types_pj: nature.children.map((type) => codeOf(type, "CodeTypePJ")).filter(({ code }) => code !== ""),
  })).filter(({ code }) => code !== "");
}

/** The matières of a `RetourClassification`; none of any other message. */
export function classificationMatieres(root: XmlElement): readonly Code[] {
  const found: Code[] = [];
  const visit = (element: XmlElement, prefix: string) => {
    for (const each of element.children) {
      const { code, ...libelle } = codeOf(each, "CodeMatiere");
      if (code === "") continue;
      found.push({ code: prefix + code, ...libelle });
      visit(each, `${prefix}${code}.`);
    }
  };
  for (const element of root.children) if (element.name === "Matieres") visit(element, "");
  return found;
}

function below(root: XmlElement, name: string): readonly XmlElement[] {
  return root.children.filter((each) => each.name === name).flatMap((each) => each.children);
}

function codeOf(element: XmlElement, attribute: string): Code {
  const libelle = element.attributes.get("Libelle");
  return { code: element.attributes.get(attribute)?.trim() ?? "", ...(libelle ? { libelle } : {}) };
}
