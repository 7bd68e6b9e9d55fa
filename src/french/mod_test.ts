import assert from "node:assert/strict";
import fc from "fast-check";
import { CATALOGUES, OWN_CATALOGUES } from "./catalogues.ts";
import { inFrench } from "./mod.ts";
import { typeset } from "./template.ts";

// For reading: a no-break space is written as ~ here.
function shown(text: string): string {
  return inFrench(text).replaceAll("\u00a0", "~");
}

const CASES: readonly (readonly [name: string, english: string, french: string])[] = [
  [
    "a sentence without anything inserted",
    "the mail has no document in it",
    "le courriel ne contient aucun document",
  ],
  [
    "what is inserted stays as it is",
    'Cannot read "été 1.toml": it is not UTF-8 text',
    "Impossible de lire «~été 1.toml~»~: ce n’est pas un texte en UTF-8",
  ],
  [
    "a reason within a reason",
    'Cannot open "a.zip": Cannot unpack "b.pdf": its compressed data is damaged',
    "Impossible d’ouvrir «~a.zip~»~: impossible de décompresser «~b.pdf~»~: ses données compressées sont abîmées",
  ],
  [
    "a server's words stay, even with quotes in them",
    'Cannot sign in to "imap.x.fr:993" as "ged@x.fr": the password was refused: "no "such: it is missing" user"; check account and password; Gmail and some others want an app password here',
    'Impossible de s’identifier auprès de «~imap.x.fr:993~» comme «~ged@x.fr~»~: le mot de passe a été refusé~: «~no "such: it is missing" user~»~; vérifiez le compte et le mot de passe~; Gmail et quelques autres veulent ici un mot de passe d’application',
  ],
  [
    "what was tried",
    'Cannot move UID 12:14 of "INBOX": the server answered "NO over quota"',
    "Impossible de déplacer l’UID 12:14 de «~INBOX~»~: le serveur a répondu «~NO over quota~»",
  ],
  [
    "reasons joined, with the names of what they are about",
    'logo de la mairie.png: an image within the text (documents.inline_images); filter.name[1]: "x.db" does not match /.*\\.pdf/',
    "logo de la mairie.png~: une image dans le texte (documents.inline_images)~; filter.name[1]~: «~x.db~» ne correspond pas à /.*\\.pdf/",
  ],
  [
    "a reason that has a semicolon of its own, joined to another",
    'Cannot write "/cold": the disk is full; free some space, nothing is lost meanwhile; Cannot read "x": it is missing',
    "Impossible d’écrire «~/cold~»~: le disque est plein~; libérez de la place, rien n’est perdu entre-temps~; Impossible de lire «~x~»~: il manque",
  ],
  [
    "advice put behind the words of others",
    'Cannot write ledger "l": database or disk is full; free some space, nothing is lost meanwhile',
    "Impossible d’écrire dans le registre «~l~»~: la base ou le disque est plein~; libérez de la place, rien n’est perdu entre-temps",
  ],
  [
    "advice put before others",
    'Did you mean "both"? Write "attachments", "message" or "both"',
    'Vouliez-vous dire «~both~»~? Écrivez "attachments", "message" ou "both"',
  ],
  [
    "what a schema complains of",
    "Cannot use listen.port = 99999: it must be a whole number from 1 to 65535",
    "Impossible d’utiliser listen.port = 99999~: la valeur doit être un nombre entier de 1 à 65535",
  ],
  ["the advice in it", "Give one of them", "Donnez l’un des deux"],
  [
    "an option with what it is for",
    "Add listen.password = { env = … } or { file = … }: Port of the server; by default the protocol's own, for TLS or not",
    "Ajoutez listen.password = { env = … } ou { file = … }~: Port du serveur~; par défaut celui du protocole, avec TLS ou sans",
  ],
  [
    "an option of stunnel with what is said of it",
    "CRLpath: revoked certificates are not recognised",
    "CRLpath~: les certificats révoqués ne sont pas reconnus",
  ],
  [
    "all that is wrong in a file, with words of another program in it",
    'Cannot use the option "servr" in [listen]: unknown; Cannot find listen.server: it is missing; Cannot use schedule = "*/7 *": words of another program; Cannot read listen.password: the file "/tmp/x.secret" is missing',
    'Impossible d’utiliser l’option «~servr~» dans [listen]~: inconnue~; Impossible de trouver listen.server~: il manque~; Impossible d’utiliser schedule = "*/7 *"~: words of another program~; Impossible de lire listen.password~: le fichier «~/tmp/x.secret~» manque',
  ],
  [
    "words of the system",
    'Cannot move "/a": No such file or directory (os error 2)',
    "Impossible de déplacer «~/a~»~: ce fichier ou dossier n’existe pas (os error 2)",
  ],
  [
    "a sentence four deep, with colons that part it otherwise too",
    'Cannot use ezged = "mairie": password of [ezged.mairie]: Cannot read the secret: the file "/x/y.secret" is missing',
    'Impossible d’utiliser ezged = "mairie"~: password de [ezged.mairie]~: impossible de lire le secret~: le fichier «~/x/y.secret~» manque',
  ],
  [
    "a secret that is gone, and the way to mend that",
    'Cannot read the secret: the file "/x/carol.secret" is missing; create it with the secret as its only content',
    "Impossible de lire le secret~: le fichier «~/x/carol.secret~» manque~; créez-le avec le secret pour seul contenu",
  ],
  [
    "a secret in a variable that is not set",
    "Cannot read the secret: the environment variable MAIL is not set; set it for the process that runs the gateway",
    "Impossible de lire le secret~: la variable d’environnement MAIL n’est pas définie~; définissez-la pour le processus qui fait tourner la passerelle",
  ],
  [
    "a value of another kind",
    "Cannot use enabled: a text does not fit here",
    "Impossible d’utiliser enabled~: un texte ne convient pas ici",
  ],
  [
    "what is wrong with a regular expression",
    'Cannot use name[0] = "/(.*pdf/": is no regular expression: Unterminated group',
    'Impossible d’utiliser name[0] = "/(.*pdf/"~: n’est pas une expression rationnelle~: il manque «~)~»',
  ],
  ["how a connection ended", "tls reset", "réinitialisée du côté TLS"],
];

Deno.test("inFrench() says what the gateway reports", async (t) => {
  for (const [name, english, french] of CASES) {
    await t.step(name, () => assert.equal(shown(english), french));
  }
});

Deno.test("inFrench() leaves alone what is not ours", () => {
  const texts = [
    "",
    " ",
    "{0}",
    "{0!} {1}",
    "NO [LIMIT] too many connections",
    "read it or leave it",
    "Cannot",
  ];
  for (const text of [...texts, "Facture d'avril.pdf", "a and b or c", "x".repeat(20_000)]) {
    assert.equal(inFrench(text), text);
  }
});

Deno.test("inFrench() takes names and servers' words that look like sentences for what they are", () => {
  const hostile = [
    "{0}",
    "{1!}",
    "«",
    "it is missing",
    '": it is missing',
    "; free some space",
    "$&",
    "a\0b",
  ];
  for (const name of hostile) {
    const french = inFrench(`Cannot read "${name}": it changed in the meantime`);
    assert.equal(french, `Impossible de lire «\u00a0${name}\u00a0»\u00a0: il a changé entre-temps`);
  }
});

const pieces = fc.constantFrom(
  ...CATALOGUES.flatMap((catalogue) => Object.keys(catalogue)),
  ...['"', "; ", ": ", ", ", " or ", "{0}", "Cannot ", " "],
);
const hostile = fc.array(fc.oneof(pieces, fc.string({ unit: "grapheme" })), { maxLength: 60 })
  .map((parts) => parts.join("").slice(0, 4000));

Deno.test("inFrench() never throws, and says the same each time", () => {
  fc.assert(fc.property(hostile, (text) => assert.equal(inFrench(text), inFrench(text))), { numRuns: 300 });
});

Deno.test("inFrench() takes time in proportion to the length of a word", () => {
  for (let number = 0; number < 50; number++) {
    const name = `${"a.".repeat(990)}${number}`;
    assert.equal(inFrench(`${name} or ${name}`), `${name} or ${name}`);
  }
});

Deno.test("inFrench() keeps a text in which none of our words is", () => {
  const foreign = fc.string({ unit: fc.constantFrom(...'ωψξ {}!0"«»:;,.') });
  fc.assert(fc.property(foreign, (text) => assert.equal(inFrench(text), text)), { numRuns: 2000 });
});

Deno.test("inFrench() keeps what is inserted, and fills no hole twice", () => {
  const entries = OWN_CATALOGUES.flatMap((catalogue) => Object.keys(catalogue)).filter((key) =>
    /\{0\}/.test(key)
  );
  fc.assert(
    fc.property(fc.constantFrom(...entries), fc.array(fc.nat(), { minLength: 6 }), (english, numbers) => {
      const text = english.replaceAll(
        /\{(\d)\}/g,
        (_, index: string) => `{${index}}n${numbers[Number(index)]}x`,
      );
      const marks = (within: string) => (within.match(/\{\d\}n\d+x/g) ?? []).sort();
      assert.deepEqual(marks(inFrench(text)), marks(text));
    }),
  );
});

Deno.test("inFrench() finds every sentence of the catalogues", () => {
  const known = ["list the folder", "de lister le dossier"] as const;
  for (const [english, french] of OWN_CATALOGUES.flatMap((catalogue) => Object.entries(catalogue))) {
    const needed = new Set([...french.matchAll(/\{(\d+)!\}/g)].map(([, index]) => index));
    const fill = (text: string, value: string) =>
      text.replaceAll(/\{(\d+)[!?]?\}/g, (_, index: string) => needed.has(index) ? value : `n${index}x`);
    const said = inFrench(fill(english, known[0]));
    assert.equal(said.replace(": impossible", ": Impossible"), typeset(fill(french, known[1])), english);
  }
});

Deno.test("every French sentence inserts what the English one does", () => {
  const holes = (text: string) =>
    [...text.matchAll(/\{(\d+)[!?]?\}/g)].map(([, index]) => index).sort().join();
  for (const [english, french] of CATALOGUES.flatMap((catalogue) => Object.entries(catalogue))) {
    assert.equal(holes(french), holes(english), english);
  }
});

Deno.test("French sentences end and are spaced as they should be", () => {
  for (const [english, french] of CATALOGUES.flatMap((catalogue) => Object.entries(catalogue))) {
    assert.equal(/\.\n?$/.test(french), /\.\n?$/.test(english), english);
    assert.equal(/^\s/.test(french.replace(/^[ \u00a0]*;/, ";")), /^\s/.test(english), english);
    assert.equal(/\s$/.test(french), /\s$/.test(english), english);
    assert.doesNotMatch(french, /[^ \u00a0]»|«[^ \u00a0]|[a-zé]'[a-zé]|\S[;!?](?: |$)/u, english);
  }
});
