/**
 * Mail providers that `new` knows. Servers, ports and the form of the account name after Thunderbird's ISPDB
 * (github.com/thunderbird/autoconfig: googlemail.com, hotmail.com, orange.fr, free.fr), Google's and Microsoft's own
 * pages (developers.google.com/gmail/imap/imap-smtp, support.microsoft.com "POP, IMAP, and SMTP settings for
 * Outlook.com"), aide.laposte.net, and OVHcloud's for MX Plan. All speak TLS from the first octet: 993 and 995.
 */

/** What is known of a provider. */
export interface Provider {
  readonly title: string;
  /** Domains of addresses that are surely there. */
  readonly domains: RegExp;
  readonly imap: string;
  readonly pop3: string;
  /** What to sign in with: the whole address, or what stands before its @. */
  readonly account: "address" | "local part";
  /** `xoauth2` where passwords are no longer accepted; `either` where app passwords are. */
  readonly auth: "password" | "xoauth2" | "either";
  /** What most people stumble over. */
  readonly hint: string;
  readonly hintFr: string;
}

/** By the name that `--provider` gives. */
export const PROVIDERS: Readonly<Record<string, Provider>> = {
  gmail: {
    title: "Gmail",
    domains: /^(?:gmail|googlemail)\.com$/,
    imap: "imap.gmail.com",
    pop3: "pop.gmail.com",
    account: "address",
    auth: "either",
    hint:
      "Needs an app password (16 letters, https://myaccount.google.com/apppasswords), for which two-step " +
      "verification must be on, or an OAuth token; the account's own password is refused",
    hintFr:
      "Demande un mot de passe d’application (16 lettres, https://myaccount.google.com/apppasswords), qui suppose la " +
      "validation en deux étapes, ou un jeton OAuth ; le mot de passe du compte est refusé",
  },
  outlook: {
    title: "Outlook.com",
    domains: /^(?:outlook|hotmail|live|msn|windowslive)\.(?:com?\.)?[a-z]{2,3}$/,
    imap: "outlook.office365.com",
    pop3: "outlook.office365.com",
    account: "address",
    auth: "xoauth2",
    hint:
      "Passwords are refused, OAuth alone works: a program that keeps an access token fresh in a file is needed. " +
      "IMAP and POP are off at first: Outlook.com, Settings, Mail, Forwarding and IMAP",
    hintFr:
      "Les mots de passe sont refusés, seul OAuth fonctionne : il faut un programme qui tienne un jeton frais dans un " +
      "fichier. IMAP et POP sont d’abord coupés : Outlook.com, Paramètres, Courrier, Transfert et IMAP",
  },
  orange: {
    title: "Orange",
    domains: /^(?:orange|wanadoo)\.fr$/,
    imap: "imap.orange.fr",
    pop3: "pop.orange.fr",
    account: "address",
    auth: "password",
    hint:
      "The mailbox's own password. If it is refused: assistance.orange.fr, access from a mail program that is not " +
      "Orange's",
    hintFr:
      "Le mot de passe de la boîte elle-même. S’il est refusé : assistance.orange.fr, accès depuis un logiciel de " +
      "messagerie qui n’est pas d’Orange",
  },
  ovh: {
    title: "OVHcloud (MX Plan)",
    // Addresses there are of the customer's own domain.
    domains: /^(?!)$/,
    imap: "ssl0.ovh.net",
    pop3: "ssl0.ovh.net",
    account: "address",
    auth: "password",
    hint:
      "The mailbox's own password. Email Pro and Exchange have a server of their own, which the OVHcloud control " +
      "panel names (--server)",
    hintFr:
      "Le mot de passe de la boîte elle-même. Email Pro et Exchange ont leur propre serveur, que nomme l’espace client " +
      "OVHcloud (--server)",
  },
  free: {
    title: "Free",
    domains: /^free\.fr$/,
    imap: "imap.free.fr",
    pop3: "pop.free.fr",
    account: "local part",
    auth: "password",
    hint: "The account is what stands before the @, the password that of webmail.free.fr",
    hintFr: "Le compte est ce qui précède le @, le mot de passe celui de webmail.free.fr",
  },
  laposte: {
    title: "La Poste",
    domains: /^laposte\.net$/,
    imap: "imap.laposte.net",
    pop3: "pop.laposte.net",
    account: "local part",
    auth: "password",
    hint: "The account is what stands before the @; a mailbox not used for four months is closed",
    hintFr: "Le compte est ce qui précède le @ ; une boîte inutilisée pendant quatre mois est fermée",
  },
};

/** The provider of an address, where its domain tells. */
export function providerOf(address: string): Provider | undefined {
  const domain = address.slice(address.lastIndexOf("@") + 1).toLowerCase();
  return Object.values(PROVIDERS).find(({ domains }) => domains.test(domain));
}

/** The provider whose server that is. */
export function providerOfServer(server: string): Provider | undefined {
  return Object.values(PROVIDERS).find(({ imap, pop3 }) => [imap, pop3].includes(server.toLowerCase()));
}

/** The provider that `--provider` means. */
export function providerNamed(name: string): Provider | undefined {
  return Object.hasOwn(PROVIDERS, name) ? PROVIDERS[name] : undefined;
}
