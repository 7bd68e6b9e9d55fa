/** Each kind of source with originals waiting in it, and a project that listens to it. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { attached, base64, mail, octets, part } from "../fixtures/mails/build.ts";
import { binary, zip } from "../fixtures/mails/build_packed.ts";
import { startImapServer } from "../servers/imap_server.ts";
import { Mailbox } from "../servers/mailbox.ts";
import { startPop3Server } from "../servers/pop3_server.ts";
import { TempFolder } from "../servers/temp_folder.ts";

const ACCOUNT = "ged@exemple.test";
const PASSWORD = "mot-de-passe-secret";
const ENVELOPES = new URL("../fixtures/envelopes/", import.meta.url);
/** Small ones, each a directory with its end marker. */
const ENVELOPE_SAMPLES = ["actes-nom-pastell/aB3dE9x", "chorus-repertoire/F-42"];

/** One document of each, made unlike that of all others. */
const MARKED = /_arrete_0$|^FAC/;
const MADE_AT = new Date("2026-11-23T10:00:00Z");

/** The kinds of sources, each with a scene. */
export const SOURCES = ["imap", "pop3", "folder", "adullact"] as const;
export type SourceKind = (typeof SOURCES)[number];

/** How the launcher of a scene is set up. */
export interface Setting {
  readonly source: SourceKind;
  readonly group: "flat" | "directory" | "zip";
  /** What becomes of originals; only folders can be moved to `elsewhere`, another volume. */
  readonly after: "delete" | "move" | "move elsewhere";
  readonly sidecar?: "none" | "json";
  readonly schedule?: string;
  /** What becomes of a mail without a document. */
  readonly without?: "quarantine" | "deliver";
  /** Whether the documents of mails are in a zip, with an envelope beside it. */
  readonly isPacked?: boolean;
}

/** A project with one launcher, NAME `scene`, and what it listens to. */
export interface Scene extends AsyncDisposable {
  readonly folder: TempFolder;
  /**
   * Lets an original arrive; the same number always has the same content.
   *
   * @returns hashes, as `ColdReader` counts them, of documents that no other original has.
   */
  add(number: number): Promise<string[]>;
  /** Lets a mail without a document arrive. */
  addBare(): Promise<void>;
  /** Originals that are not settled yet. */
  waiting(): Promise<string[]>;
  /** Where originals are moved to: hashes of what is there, sorted. Empty where they are deleted. */
  moved(): Promise<string[]>;
  /** Writes the launcher's file anew. */
  configure(setting: Setting): Promise<void>;
}

/** A memory file system that Linux always has: another volume than the system's temporary folder. */
const ELSEWHERE = "/dev/shm";

/** Why nothing can be moved to another volume on this machine; `undefined` when it can. */
export function whyNoOtherVolume(): string | undefined {
  try {
    const here = Deno.statSync(Deno.env.get("TMPDIR") ?? "/tmp").dev;
    return Deno.statSync(ELSEWHERE).dev === here ? `${ELSEWHERE} is the same volume` : undefined;
  } catch {
    return `there is no ${ELSEWHERE}`;
  }
}

/** Whose launcher a scene is; a project of its own unless given. */
export interface SceneOptions {
  readonly folder?: TempFolder;
  /** Of launcher and COLD directory. */
  readonly name?: string;
}

/** Makes a launcher for a setting, in a project that is removed when the scene is disposed, or in one that is given. */
export async function makeScene(setting: Setting, options: SceneOptions = {}): Promise<Scene> {
  const { name = "scene" } = options;
  await using stack = new AsyncDisposableStack();
  const folder = options.folder ?? stack.use(await TempFolder.make());
  const done = setting.after === "move elsewhere"
    ? stack.use(await TempFolder.make(ELSEWHERE)).path
    : folder.at(`${name}/done`);
  const source = await SCENES[setting.source]({ folder, inbox: `${name}/inbox`, done });
  stack.defer(() => source.close());
  const configure = async (given: Setting) => {
    const { schedule = "@every 1h", group, sidecar = "none", without } = given;
    const after = given.after === "delete" ? '"delete"' : `{ move = "${source.target}" }`;
    await folder.write(
      `launchers.d/${name}.toml`,
      `schedule = "${schedule}"\n[listen]\n${source.listen}\nafter = ${after}\n` +
        (without === undefined ? "" : `[documents]\nwithout = "${without}"\n`) +
        (given.isPacked ? `[documents]\nzip = "open"\nenvelopes = ["chorus_fact"]\n` : "") +
        `[deliver]\ncold = "${name}"\ngroup = "${group}"\nsidecar = "${sidecar}"\n`,
    );
  };
  await configure(setting);
  await Deno.chmod(await folder.write("secret", PASSWORD), 0o600);
  const made = stack.move();
  const { add, addPacked, addBare, waiting, moved } = source;
  return {
    folder,
    add: setting.isPacked ? addPacked : add,
    addBare,
    waiting,
    moved,
    configure,
    [Symbol.asyncDispose]: () => made.disposeAsync(),
  };
}

/** Where a scene's folders are. */
interface Places {
  readonly folder: TempFolder;
  /** What a folder launcher listens to, relative to the project. */
  readonly inbox: string;
  /** Where it moves to, as an absolute path. */
  readonly done: string;
}

interface SceneSource extends Pick<Scene, "add" | "addBare" | "waiting" | "moved"> {
  readonly addPacked: Scene["add"];
  /** Entries of `[listen]`. */
  readonly listen: string;
  /** Where `after = { move = … }` moves to. */
  readonly target: string;
  close(): Promise<void>;
}

const SCENES: Readonly<Record<SourceKind, (places: Places) => Promise<SceneSource>>> = {
  async imap() {
    const [inbox, done] = [new Mailbox(), new Mailbox("Traités")];
    const server = await startImapServer({ mailboxes: [inbox, done], users: { [ACCOUNT]: PASSWORD } });
    return {
      listen: listenTo("imap", server.port),
      target: done.name,
      add: (number) => Promise.resolve(addMail(inbox, number)),
      addPacked: (number) => addPackedMail(inbox, number),
      addBare: () => Promise.resolve(void inbox.add(BARE_MAIL)),
      waiting: () => Promise.resolve(inbox.mails.map(({ uid }) => `UID ${uid}`)),
      moved: () => Promise.resolve(done.mails.map(({ raw }) => digestOf(raw)).sort()),
      close: async () => await server[Symbol.asyncDispose](),
    };
  },
  async pop3() {
    const inbox = new Mailbox();
    const server = await startPop3Server({ mailbox: inbox, users: { [ACCOUNT]: PASSWORD } });
    return {
      listen: listenTo("pop3", server.port),
      target: "",
      add: (number) => Promise.resolve(addMail(inbox, number)),
      addPacked: (number) => addPackedMail(inbox, number),
      addBare: () => Promise.resolve(void inbox.add(BARE_MAIL)),
      waiting: () => Promise.resolve(inbox.mails.map(({ uidl }) => `UIDL ${uidl}`)),
      moved: () => Promise.resolve([]),
      close: async () => await server[Symbol.asyncDispose](),
    };
  },
  async folder({ folder, inbox, done }) {
    await Deno.mkdir(folder.at(inbox), { recursive: true });
    return {
      listen: `protocol = "folder"\npath = "${inbox}"\nsettle = "1ms"`,
      target: done,
      async add(number) {
        const content = `scan ${number} `.repeat(100);
        const part = await folder.write(`${inbox}/SCN_${number}.pdf.part`, content);
        // Sidecars tell it.
        await Deno.utime(part, MADE_AT, MADE_AT);
        await Deno.rename(part, folder.at(`${inbox}/SCN_${number}.pdf`));
        return [digestOf(new TextEncoder().encode(content))];
      },
      addPacked: noMail,
      addBare: noMail,
      waiting: () => filesOf(folder.at(inbox), (path) => path),
      moved: () => hashesOf(done),
      close: () => Promise.resolve(),
    };
  },
  async adullact({ folder, inbox, done }) {
    await Deno.mkdir(folder.at(inbox), { recursive: true });
    return {
      listen: `protocol = "adullact"\npath = "${inbox}"\nsettle = "1ms"`,
      target: done,
      async add(number) {
        const sample = ENVELOPE_SAMPLES[number % ENVELOPE_SAMPLES.length] ?? "";
        // Under a hidden name until it is complete: the source leaves it alone.
        const made = folder.at(`${inbox}/.enveloppe-${number}`);
        await Deno.mkdir(made);
        const digests: string[] = [];
        for await (const { name } of Deno.readDir(new URL(sample, ENVELOPES))) {
          await Deno.copyFile(new URL(`${sample}/${name}`, ENVELOPES), join(made, name));
          if (!MARKED.test(name)) continue;
          await Deno.writeTextFile(join(made, name), `\n% ${number}\n`, { append: true });
          digests.push(digestOf(await Deno.readFile(join(made, name))));
        }
        await Deno.rename(made, folder.at(`${inbox}/enveloppe-${number}`));
        return digests;
      },
      addPacked: noMail,
      addBare: noMail,
      waiting: () => filesOf(folder.at(inbox), (path) => path),
      moved: () => hashesOf(done),
      close: () => Promise.resolve(),
    };
  },
};

function listenTo(protocol: string, port: number): string {
  return `protocol = "${protocol}"\nserver = "127.0.0.1"\nport = ${port}\ntls = "none"\n` +
    `account = "${ACCOUNT}"\npassword = { file = "secret" }`;
}

const BARE_MAIL = "Message-ID: <bare@exemple.test>\r\nSubject: bare\r\n\r\nNo document here\r\n";

function noMail(): Promise<never> {
  return Promise.reject(new TypeError("This source has no mails"));
}

/** Adds a mail with two documents in a zip, and an envelope of a file of its own beside others. */
async function addPackedMail(inbox: Mailbox, number: number): Promise<string[]> {
  const documents = Object.fromEntries(
    ["facture.pdf", "annexe.pdf"].map((name) => [name, `${name} of packed mail ${number} `.repeat(3)]),
  );
  const sample = new URL("chorus-repertoire/F-42/", ENVELOPES);
  const envelope: Record<string, string> = {};
  for await (const { name } of Deno.readDir(sample)) {
    envelope[name] = binary(await Deno.readFile(new URL(name, sample))) +
      (MARKED.test(name) ? `% ${number}\n` : "");
  }
  const attachment = (name: string, content: string) =>
    part(attached(name, "application/zip"), base64(content));
  const raw = mail([attachment("lot.zip", zip(documents)), attachment(`F-${number}.zip`, zip(envelope))]);
  // Boundaries are counted by the process, and a number is to have the same content always.
  inbox.add(octets(raw.replace("<1@", `<${number}@`).replace(/=_limite_\d+/g, "=_limite")));
  const own = [
    ...Object.values(documents),
    ...Object.entries(envelope).flatMap(([name, content]) => MARKED.test(name) ? [content] : []),
  ];
  return own.map((content) => digestOf(octets(content)));
}

/** Adds a mail with two documents of different names, contents of its own in each. */
function addMail(inbox: Mailbox, number: number): string[] {
  const documents = ["facture.pdf", "annexe.pdf"].map((name) => ({
    name,
    content: `${name} of mail ${number} `.repeat(3),
  }));
  const parts = documents.map(({ name, content }) =>
    `--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n` +
    `Content-Disposition: attachment; filename="${name}"\r\n\r\n` +
    `${btoa(content).replace(/.{76}/g, "$&\r\n")}\r\n`
  );
  inbox.add(
    `Message-ID: <m${number}@exemple.test>\r\nDate: Mon, 23 Nov 2026 10:00:00 +0100\r\n` +
      `From: s${number}@exemple.test\r\nSubject: mail ${number}\r\nMIME-Version: 1.0\r\n` +
      `Content-Type: multipart/mixed; boundary="b"\r\n\r\n` +
      `--b\r\nContent-Type: text/plain\r\n\r\nBonjour\r\n${parts.join("")}--b--\r\n`,
  );
  return documents.map(({ content }) => digestOf(new TextEncoder().encode(content)));
}

async function filesOf<T>(folder: string, use: (path: string) => Promise<T> | T | undefined): Promise<T[]> {
  const found: T[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (isDirectory) found.push(...await filesOf(path, use));
      const one = isDirectory ? undefined : await use(path);
      if (one !== undefined) found.push(one);
    }
  } catch (error) {
    // Taken away meanwhile, or not made yet.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found;
}

async function hashesOf(folder: string): Promise<string[]> {
  return (await filesOf(folder, async (path) => digestOf(await Deno.readFile(path)))).sort();
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 12);
}
