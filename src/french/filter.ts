/** Why a filter leaves something, and what is wrong with a pattern. */
import type { Catalogue } from "./translator.ts";

/** The sentences of this area. */
export const FILTER: Catalogue = {
  "is too large to be checked: use smaller numbers between { and }":
    "est trop grand pour être vérifié : utilisez des nombres plus petits entre { et }",
  "can take exponential time: something repeated (by *, + or {}) can match the same text in more than one way, such as (a+)+; write it with one repetition":
    "peut prendre un temps exponentiel : une partie répétée (par *, + ou {}) peut correspondre au même texte de plusieurs façons, comme (a+)+ ; écrivez-la avec une seule répétition",
  "can take too long on a long name: use more precise parts such as [^_]* in place of some .*":
    "peut prendre trop de temps sur un nom long : utilisez des parties plus précises comme [^_]* au lieu de certains .*",
  "has a comment (?#…), which is not understood here: leave it out":
    "a un commentaire (?#…), qui n’est pas compris ici : ôtez-le",
  "has an atomic group (?>…), which is not understood here: write (?:…)":
    "a un groupe atomique (?>…), qui n’est pas compris ici : écrivez (?:…)",
  "has a condition (?(…)…), which is not understood here: write two alternatives a|b":
    "a une condition (?(…)…), qui n’est pas comprise ici : écrivez deux variantes a|b",
  "has a recursion, which is not understood here": "a une récursion, qui n’est pas comprise ici",
  "has a branch reset (?|…), which is not understood here: write (?:…)":
    "a un groupe à variantes (?|…), qui n’est pas compris ici : écrivez (?:…)",
  "has (?P without < or = after it: write (?P<name>…)": "a (?P sans < ou = à sa suite : écrivez (?P<nom>…)",
  "has flags such as (?i) that are not understood where they stand: only i, m and s, and only at the start":
    "a des options comme (?i) qui ne sont pas comprises à cet endroit : seulement i, m et s, et seulement au début",
  "has a flag twice": "a deux fois la même option",
  "has a possessive quantifier such as ++ or *+, which is not understood here: leave the + out":
    "a un quantificateur possessif comme ++ ou *+, qui n’est pas compris ici : ôtez le +",
  "has \\{0}, which is not understood {1}": "a \\{0}, qui n’est pas compris {1?}",
  "between [ and ]": "entre [ et ]",
  "here": "ici",
  "has \\{0}{…}, which needs the flag u after the last slash":
    "a \\{0}{…}, qui demande l’option u après la dernière barre",
  "has \\x without two hexadecimal digits after it": "a \\x sans deux chiffres hexadécimaux à sa suite",
  "has \\u without four hexadecimal digits after it": "a \\u sans quatre chiffres hexadécimaux à sa suite",
  "has \\c without a letter after it": "a \\c sans une lettre à sa suite",
  "has ] right after [: write \\] for the character ]": "a ] juste après [ : écrivez \\] pour le caractère ]",
  "has a class such as [:alpha:], which is not understood here: write [a-z]":
    "a une classe comme [:alpha:], qui n’est pas comprise ici : écrivez [a-z]",
  "is no regular expression: {0}": "n’est pas une expression rationnelle : {0}",
  "has {0} but only {1} groups in parentheses": "a {0}, mais seulement {1} groupes entre parenthèses",
  "has \\k without a named group (?<name>…)": "a \\k sans groupe nommé (?<nom>…)",
  "Names to take, such as `*.pdf`: one of them must match the whole name. `*` stands for any characters, `?` for one; upper and lower case are alike.":
    "Noms à prendre, par exemple `*.pdf` : l’un d’eux doit correspondre au nom entier. `*` vaut pour des caractères quelconques, `?` pour un seul ; majuscules et minuscules sont égales.",
  "Names to leave, such as `*.tmp`: none of them may match the whole name.":
    "Noms à laisser, par exemple `*.tmp` : aucun ne doit correspondre au nom entier.",
  "Senders to take: one must match the address, or, when it has no `@`, the whole From header.":
    "Expéditeurs à prendre : l’un doit correspondre à l’adresse ou, s’il n’a pas de `@`, à l’en-tête From entier.",
  "Recipients to take: one must match an address, or, when it has no `@`, the whole To header.":
    "Destinataires à prendre : l’un doit correspondre à une adresse ou, s’il n’a pas de `@`, à l’en-tête To entier.",
  "Subjects to take: one must match the whole subject.":
    "Objets à prendre : l’un doit correspondre à l’objet entier.",
  'filter.name[{0}]: "{1}" does not match {2}': "filter.name[{0}] : « {1} » ne correspond pas à {2}",
  'filter.exclude: "{0}" matches "{1}"': "filter.exclude : « {0} » correspond à « {1} »",
  "filter.max_size: {0} octets are above {1}": "filter.max_size : {0} octets, plus que {1}",
  "filter.min_size: {0} octets are below {1}": "filter.min_size : {0} octets, moins que {1}",
  "filter.since_days: dated {0}, more than {1} days ago":
    "filter.since_days : daté du {0}, il y a plus de {1} jours",
  "filter.min_size: the whole mail has {0} octets, below {1}":
    "filter.min_size : le courriel entier a {0} octets, moins que {1}",
  'filter.{0}: "{1}" matches none of {2}': "filter.{0} : « {1} » ne correspond à aucun de {2}",
  "on no day": "d’aucun jour",
};
