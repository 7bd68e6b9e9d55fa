/** That every sentence the gateway can report has its French, and that no French is left of a sentence that is gone. */
import assert from "node:assert/strict";
import { OWN_CATALOGUES } from "../src/french/catalogues.ts";
import { inFrench } from "../src/french/mod.ts";
import { parseStunnelConf } from "../tunnel/stunnel_conf.ts";
import { englishIn } from "./english.ts";
import { readSentences } from "./sentences.ts";

/** What looks like a sentence and is none that the page shows: log, terminal, protocols, names. */
const NOT_SHOWN: ReadonlySet<string> = new Set([
  // Joints and beginnings, which the translator itself knows.
  " or ",
  "it {0}",
  "Cannot ",
  // Looked for in other texts, or made from them.
  "look for an invoice in the PDF",
  "control characters are not allowed in strings",
  "Server does not support STARTTLS",
  "STARTTLS is not possible after a PREAUTH greeting",
  "Login is disabled",
  "Unsupported authentication mechanism",
  "Authentication failed",
  "os error 17)",
  "user={0}\u0001auth=Bearer {1}\u0001\u0001",
  "peer closed without close_notify",
  "lanceur secret stamp",
  // Placeholders, options and commands as they are written.
  "type envelope message",
  "nature nature_libelle nature_detail numero objet matiere matiere_libelle id_acte",
  "id_acte_precedent date_classification document_papier date_ar date_courrier date_publication",
  "detail siren departement arrondissement nature_collectivite referent",
  "type_fichier nom_fichier poste_comptable siret code_collectivite code_budget libelle_budget",
  "exercice bordereaux pieces natures fonctions anomalies etat_acquit",
  "fournisseur fournisseur_identifiant fournisseur_type_identifiant destinataire service",
  "service_code id_chorus facture_origine type_facture type_facture_libelle cadre date_reception",
  "date_depot devise montant_ht montant_ttc montant_net_a_payer numero_engagement numero_marche",
  "statut date_statut",
  "accept",
  "connect",
  "ss -ltnp 'sport = :{0}'",
  "ss -lxp | grep {0}",
  "$(readlink -f $(which deno))",
  "deno",
  "HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy",
  "PATHEXT SystemRoot SystemDrive windir ComSpec TEMP TMP USERNAME USERPROFILE APPDATA LOCALAPPDATA ProgramData",
  "chmod 600 {0}",
  // Names of things: items, targets, mails, locks.
  "message",
  "mail {0}",
  "pop3 {0}",
  "imap {0}",
  "via {0}",
  "[notify] webhook",
  "Lanceur {0}",
  "Lanceur {0}: {1}",
  "[Lanceur {0}] {1}",
  "{0} (tunnel)",
  "AND outcome = {0}",
  // Answered to programs, or written to terminal and log alone.
  "; or: ",
  "ok\n",
  "too many",
  "The control token is missing or wrong",
  'Cannot find "{0}": no such address',
  "Cannot answer without the right token: send Authorization: Bearer",
  "Cannot open another event stream now\n",
  "attachment; filename=\"{0}\"; filename*=UTF-8''{1}",
  "Cannot serve the status page beyond this machine: no password and no token is set",
  'Set password_hash (deno task password) or token in [status], or listen = "127.0.0.1:8025"',
  "Cannot use password_hash in [status]: it is no scrypt hash",
  "connection ended",
  // Lines of protocols.
  "tunnel: {0}",
  "tls STARTTLS",
  "EHLO localhost",
  "IMAP4rev1 STARTTLS LOGINDISABLED",
  "+OK begin TLS",
  "+OK bye",
  "-ERR say STLS first",
  "{0} OK begin TLS",
  "{0} BAD say STARTTLS first",
  "220 begin TLS",
  "250 ok",
  "221 bye",
  "530 5.7.0 say STARTTLS first",
]);

const { reported, descriptions, literals } = readSentences();
const french = new Map(OWN_CATALOGUES.flatMap((catalogue) => Object.entries(catalogue)));
const made = new Set([...reported, ...descriptions].map(({ text }) => text));

Deno.test("every sentence that the gateway reports has its French", () => {
  const missing = [...reported, ...descriptions]
    .filter(({ text }) => !french.has(text) && !NOT_SHOWN.has(text))
    .map(({ text, file }) => `${file}: ${JSON.stringify(text)}`);
  assert.deepEqual([...new Set(missing)], []);
});

Deno.test("every sentence in French is one that the gateway reports", () => {
  assert.deepEqual([...french.keys()].filter((text) => !made.has(text) && !literals.has(text)), []);
  assert.deepEqual([...NOT_SHOWN].filter((text) => !made.has(text) || french.has(text)), []);
});

Deno.test("no sentence is in two catalogues", () => {
  const keys = OWN_CATALOGUES.flatMap((catalogue) => Object.keys(catalogue));
  assert.deepEqual(keys.filter((key, index) => keys.indexOf(key) !== index), []);
});

Deno.test("what is wrong with a stunnel.conf is said in French", () => {
  const text = `
    debug = 7
    setuid = nobody
    verify = 2 ; of old
    nothing
    = value
    options = NO_SSLv2
    socket = l:TCP_NODELAY=1
    [pop3]
    client = maybe
    accept = 0.0.0.0:110
    connect = pop.exemple.fr:995
    verify = 0
    sslVersion = SSLv3
    sslVersionMax = TLSv1
    CRLpath = /etc/crl
    TIMEOUTidle = 60
    conect = pop.exemple.fr:995
    [smtp]
    client = yes
    accept = 127.0.0.1:99999
    protocol = nntp
    protocolPassword = secret
    [imap]
    accept = 1143
    connect = imap.exemple.fr:993
    cert = none.pem
    [imap]
    client = yes
    checkIP = nowhere
    CAfile = none.pem
    exec = /bin/cat
  `.replaceAll(/^ +/gm, "");
  const { problems } = parseStunnelConf(text, { file: "a.conf" });
  assert.ok(problems.length > 15, JSON.stringify(problems));
  for (const { message, remedy = "" } of problems) {
    for (const said of [message, remedy]) assert.deepEqual(englishIn(inFrench(said)), [], said);
  }
});
