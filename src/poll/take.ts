/** Takes one item apart into staged documents, or says why not. Knows sources, messages, envelopes, filters and stages. */
import { createHash, type Hash, hash } from "node:crypto";
import { basename } from "node:path";
import type { LauncherConfig } from "../config/mod.ts";
import type { DecodedEnvelope, Decoder } from "../decoder/client.ts";
import type { Origin, Wish } from "../delivery/destination.ts";
import { namerFor } from "../delivery/characters.ts";
import { expandName } from "../delivery/names.ts";
import { type Sidecar, writeSidecar } from "../delivery/sidecar.ts";
import type { Stage, StagedFile } from "../delivery/staging.ts";
import { MAX_MESSAGE_CHARACTERS } from "../errors.ts";
import type { Filter, Verdict } from "../filter/mod.ts";
import { type DocumentsOptions, type MailHeaders, takeApart } from "../message/mod.ts";
import type { Document, Item } from "../model.ts";
import { titleOf, titleOfCut } from "./title.ts";
import { Unfolding } from "./unfold.ts";

/** An item whose documents are staged and named. */
export interface StagedItem {
  readonly kind: "staged";
  readonly item: Item;
  readonly stage: Stage;
  readonly wishes: readonly Wish[];
  /** Of what is handed over as a directory, by its staged path: the base names in it. */
  readonly inside: ReadonlyMap<string, readonly string[]>;
  /** What people know it by: a mail's subject. */
  readonly title?: string;
  /** Second key of a mail: hash of Message-ID and content. */
  readonly digest?: string;
  /** What the administrator should know although it went well. */
  readonly note?: string;
}

/** An item the filters leave alone, or one for the quarantine by choice. */
export type LeftItem =
  | { readonly kind: "skip"; readonly item: Item; readonly reason: string; readonly title?: string }
  | { readonly kind: "quarantine"; readonly item: Item; readonly reason: string; readonly title?: string };

/** What taking needs besides the item. */
export interface TakeTools {
  readonly launcher: LauncherConfig;
  readonly filter: Filter;
  readonly decoder: Decoder;
  readonly stage: Stage;
  readonly signal: AbortSignal;
  /** Whether a person asked for this attempt. */
  readonly byHand: boolean;
  /** Told what people know a mail by, as soon as that has been read: whatever goes wrong afterwards. */
  readonly onTitle?: (title: string | undefined) => void;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Up to this size a document is taken into memory whole. */
const SMALL_DOCUMENT_BYTES = 256 * 1024;

/** The facts that name templates and sidecars can use. */
interface Facts {
  readonly fields: Readonly<Record<string, string>>;
  readonly sidecar: Readonly<Record<string, string>>;
  readonly envelope?: {
    readonly label: string;
    /** Names of files that the decoder wrote about the envelope: they are its sidecar. */
    readonly written: ReadonlySet<string>;
  };
}

/**
 * Stages every document of `item` that the filters take. The stage is left empty when the item is skipped; when this
 * throws, the caller discards it.
 *
 * @throws {EnvelopeError} for damaged content, `SourceError` or `ItemError` from the source, `DeliveryError` from the disk.
 */
export async function takeItem(item: Item, tools: TakeTools): Promise<StagedItem | LeftItem> {
  if (item.kind === "mail") return await takeMail(item, tools);
  const verdict = firstRefusal(tools.filter.name(item.label), tools.filter.size(item.sizeBytes));
  if (verdict !== undefined) return { kind: "skip", item, reason: verdict };
  return item.kind === "file" ? await takeFile(item, tools) : await takeEnvelope(item, tools);
}

async function takeFile(item: Item, tools: TakeTools): Promise<StagedItem> {
  await tools.stage.add(item.label, await item.open());
  return await named(item, tools, factsOf(item, {}));
}

async function takeEnvelope(item: Item, tools: TakeTools): Promise<StagedItem> {
  if (item.path === undefined) throw new TypeError("An envelope item needs a path");
  const into = await tools.stage.folder();
  const decoded = await tools.decoder.decode(item.path, {
    into,
    name: item.label,
    ...(item.beside && { beside: item.beside }),
    signal: tools.signal,
  });
  for (const file of decoded.files) {
    await tools.stage.adopt({
      path: `${into}/${file.name}`,
      name: file.name,
      sizeBytes: file.sizeBytes,
      sha256: file.sha256,
    });
  }
  const facts = factsOf(item, fieldsOf(decoded));
  const staged = await named(item, tools, {
    ...facts,
    envelope: { label: item.label, written: writtenOf(decoded) },
  });
  return decoded.warnings.length > 0 ? { ...staged, note: listed(decoded.warnings) } : staged;
}

async function takeMail(item: Item, tools: TakeTools): Promise<StagedItem | LeftItem> {
  const { filter, stage, launcher: { documents: options } } = tools;
  const tooLarge = tooLargeFor(item, options);
  if (tooLarge !== undefined) return { kind: "skip", item, reason: tooLarge };
  let sha256: (() => string) | undefined;
  const open = async () => {
    const content = await (item.fetch?.() ?? item.open());
    if (sha256) return content;
    if (content instanceof Uint8Array) {
      const digest = hash("sha256", content, "hex");
      sha256 = () => digest;
      return content;
    }
    const rolling = createHash("sha256");
    sha256 = () => rolling.digest("hex");
    return hashing(content, rolling);
  };
  await using mail = await takeApart(open, options).catch((error) => {
    tools.onTitle?.(titleOfCut(error));
    throw error;
  });
  const title = titleOf(mail.headers);
  const left = { item, ...(title === undefined ? {} : { title }) };
  tools.onTitle?.(title);
  const refused = firstRefusal(filter.mail({ ...mail.headers, sizeBytes: item.sizeBytes }));
  if (refused !== undefined) return { kind: "skip", reason: refused, ...left };
  const refusals: string[] = [];
  const unfolding = new Unfolding(tools);
  for await (const document of mail.documents()) {
    if (unfolding.concerns(document)) refusals.push(...await unfolding.take(document));
    else {
      const reason = await takeDocument(document, tools);
      if (reason !== undefined) refusals.push(reason);
    }
  }
  const { envelopes } = unfolding;
  // Something was packed in it, but nothing came out.
  if (stage.files.length + envelopes.length + refusals.length === 0 && options.without === "deliver") {
    await using whole = await takeApart(() => item.open(), { ...options, take: "message" });
    for await (const document of whole.documents()) await takeDocument(document, tools);
  }
  if (stage.files.length + envelopes.length === 0) {
    const leftOut = [...mail.leftOut.map(({ name, reason }) => `${name}: ${reason}`), ...unfolding.left];
    const reason = listed([...refusals, ...leftOut]) || "the mail has no document in it";
    const kind = refusals.length === 0 && options.without === "quarantine" ? "quarantine" : "skip";
    return { kind, reason, ...left };
  }
  const facts = factsOfMail(item, mail.headers);
  const parts = stage.files.length === 0 ? [] : [await named(item, tools, facts)];
  for (const { stage, decoded } of envelopes) {
    const { group: _, ...fields } = { ...facts.fields, ...fieldsOf(decoded) };
    const sidecar = { ...facts.sidecar, ...fieldsOf(decoded) };
    const envelope = { label: decoded.name, written: writtenOf(decoded) };
    parts.push(await named(item, { ...tools, stage }, { fields, sidecar, envelope }));
  }
  const notes = [...refusals, ...unfolding.notes];
  const digest = digestOf(mail.headers, sha256?.() ?? "");
  return {
    kind: "staged",
    item,
    stage,
    wishes: parts.flatMap(({ wishes }) => wishes),
    inside: new Map(parts.flatMap(({ inside }) => [...inside])),
    title: mail.headers.subject,
    ...(digest ? { digest } : {}),
    ...(notes.length > 0 ? { note: listed(notes) } : {}),
  };
}

/** Reasons as one; whole ones, as many as there is room for. */
function listed(reasons: readonly string[]): string {
  const text = reasons.join("; ");
  if (text.length <= MAX_MESSAGE_CHARACTERS) return text;
  const end = text.lastIndexOf("; ", MAX_MESSAGE_CHARACTERS - "; …".length);
  return `${text.slice(0, end > 0 ? end : MAX_MESSAGE_CHARACTERS - "; …".length)}; …`;
}

function fieldsOf({ fields, type, name }: DecodedEnvelope): Readonly<Record<string, string>> {
  return { ...fields, type, envelope: name };
}

function writtenOf({ files }: DecodedEnvelope): ReadonlySet<string> {
  return new Set(files.filter(({ isOwn }) => isOwn).map(({ name }) => name));
}

/** Why a mail is not even fetched, by the size that its source announces. */
function tooLargeFor(item: Item, { max_mail_size: max }: DocumentsOptions): string | undefined {
  return item.sizeBytes > max
    ? `documents.max_mail_size: the mail has ${item.sizeBytes} octets, above ${max}`
    : undefined;
}

/** Passes the content on while hashing it; lighter than a TransformStream, of which there would be one per mail. */
function hashing(content: ReadableStream<Bytes>, sha256: Hash): ReadableStream<Bytes> {
  const reader = content.getReader();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) return controller.close();
      sha256.update(value);
      controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

/** Stages one document of a mail; the reason when a filter refuses it. */
async function takeDocument(document: Document, tools: TakeTools): Promise<string | undefined> {
  const reason = firstRefusal(tools.filter.name(document.name));
  if (reason !== undefined) {
    await document.content.cancel();
    return reason;
  }
  const content = await document.whole?.(SMALL_DOCUMENT_BYTES) ?? document.content;
  const staged = await tools.stage.add(document.name, content);
  const size = firstRefusal(tools.filter.size(staged.sizeBytes));
  if (size !== undefined) await tools.stage.drop(staged);
  return size;
}

/** Gives everything on the stage its wanted name, in the launcher's grouping. */
async function named(item: Item, tools: TakeTools, facts: Facts): Promise<StagedItem> {
  const { stage, launcher: { deliver } } = tools;
  const { envelope } = facts;
  const written = envelope?.written ?? new Set();
  const group = envelope === undefined ? deliver.group : deliver.envelopeGroup;
  const namer = await namerFor(deliver.characters);
  const fileName = (file: StagedFile, n: number) =>
    namer(
      expandName(deliver.name, { ...facts.fields, name: file.name, n: String(n + 1), sha256: file.sha256 }),
    );
  const sidecar: Sidecar = { format: deliver.sidecar, facts: facts.sidecar };
  // Files that belong together are one content; what the decoder adds tells of the envelope's name too.
  const own = stage.files.filter(({ name }) => !written.has(name));
  const isApart = group === "flat" && envelope === undefined;
  const whole = isApart ? "" : hashOf(own.map(({ sha256 }) => sha256).sort().join("\0"));
  if (group === "flat") {
    const wishes: Wish[] = [];
    for (const [n, file] of [...stage.files].entries()) {
      const prefix = envelope === undefined ? "" : `${envelope.label}_`;
      const name = namer(prefix + fileName(file, n));
      const companion = written.has(file.name)
        ? undefined
        : await writeSidecar(stage, { ...sidecar, first: n + 1 }, [file]);
      wishes.push({
        staged: file.path,
        name,
        sizeBytes: file.sizeBytes,
        content: isApart ? file.sha256 : whole,
        origin: originOf(item, tools, { facts, file: { ...file, name }, n }),
        ...(companion ? { companion } : {}),
      });
    }
    return { kind: "staged", item, stage, wishes, inside: new Map() };
  }
  const files = [...stage.files];
  await stage.gather((file) => envelope === undefined ? fileName(file, files.indexOf(file)) : file.name);
  if (envelope === undefined) await writeSidecar(stage, sidecar, stage.files);
  const sizeBytes = stage.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const name = namer(facts.fields["group"] ?? facts.fields["envelope"] ?? item.label);
  if (group === "zip") {
    // Loaded when it is needed: a poll by hand is over in the time that takes.
    const { zipStage } = await import("../delivery/zip_group.ts");
    const zipped = { ...await zipStage(stage), name: `${name}.zip` };
    // A zip holds the time it was made at: what is in it tells it from others.
    const content = hashOf(stage.files.map(({ sha256 }) => sha256).join("\0"));
    const origin = originOf(item, tools, { facts, file: zipped, n: 0, content });
    const wish = {
      staged: zipped.path,
      name: zipped.name,
      sizeBytes: zipped.sizeBytes,
      content: whole,
      origin,
    };
    return { kind: "staged", item, stage, wishes: [wish], inside: new Map() };
  }
  const inside = stage.files.map((file) => basename(file.path));
  const wish = { staged: await stage.folder(), name, sizeBytes, content: whole };
  return { kind: "staged", item, stage, wishes: [wish], inside: new Map([[wish.staged, inside]]) };
}

interface OriginFacts {
  readonly facts: Facts;
  /** Under the name it will have. */
  readonly file: StagedFile;
  /** Number within the item, from 0. */
  readonly n: number;
  /** Instead of the file's own hash. */
  readonly content?: string;
}

function originOf(item: Item, { launcher, byHand }: TakeTools, facts: OriginFacts): Origin {
  const { facts: { fields, sidecar }, file, n, content = file.sha256 } = facts;
  return {
    launcher: launcher.id,
    key: item.key,
    content,
    byHand,
    fields: () => ({
      ...fields,
      name: file.name,
      n: String(n + 1),
      sha256: file.sha256,
      size: String(file.sizeBytes),
      to: sidecar["to"] ?? "",
      datetime: moment(sidecar["date"] ?? ""),
      item: item.label,
      launcher: launcher.name,
    }),
  };
}

function factsOf(item: Item, fields: Readonly<Record<string, string>>): Facts {
  const date = day(item.date);
  return {
    fields: { date, ...fields },
    sidecar: { item: item.label, date: item.date?.toISOString() ?? "", ...fields },
  };
}

function factsOfMail(item: Item, headers: MailHeaders): Facts {
  const { from, to, subject, messageId = "" } = headers;
  const date = headers.date ?? item.date;
  const group = [day(date), subject || item.label].filter((part) => part !== "").join(" ");
  return {
    fields: { from, to, subject, message_id: messageId.replace(/[<>]/g, ""), date: day(date), group },
    sidecar: { item: item.label, from, to, subject, message_id: messageId, date: date?.toISOString() ?? "" },
  };
}

function day(date: Date | undefined): string {
  return date && !Number.isNaN(date.getTime()) ? date.toISOString().slice(0, 10) : "";
}

/** As databases write it; an envelope may know the day alone. */
function moment(date: string): string {
  return date.length === 10 ? `${date} 00:00:00` : date.slice(0, 19).replace("T", " ");
}

function firstRefusal(...verdicts: Verdict[]): string | undefined {
  for (const verdict of verdicts) if (!verdict.take) return verdict.reason;
  return undefined;
}

/** The second key of a whole mail that is at hand; `undefined` for one without a Message-ID. */
export async function digestOfMail(
  content: Uint8Array<ArrayBuffer>,
  options: LauncherConfig["documents"],
): Promise<string | undefined> {
  await using mail = await takeApart(() => Promise.resolve(content), options);
  return digestOf(mail.headers, hash("sha256", content, "hex"));
}

function digestOf(headers: MailHeaders, sha256: string): string | undefined {
  if (!headers.messageId) return undefined;
  return hashOf(`${headers.messageId}\0${sha256}`).slice(0, 32);
}

function hashOf(text: string): string {
  return hash("sha256", text, "hex");
}
