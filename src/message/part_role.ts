/** What a part of a mail is for: a document, the text people read, or nothing for an archive. */
import type { Part } from "./splitter.ts";
import { decodeName } from "./words.ts";

/**
 * `text`: a body; `file`: a document, or an image that may be one; `message`: an attached mail; `fragment`: a piece of a
 * mail sent in several; `encrypted`: what only its recipient can open; else why it is left.
 */
export type PartRole =
  | { readonly kind: "text" | "file" | "message" | "fragment" | "encrypted" }
  | { readonly kind: "left"; readonly reason: string };

/** A part with what its headers say about it as a file. */
export interface FilePart {
  readonly part: Part;
  /** Base name; empty when the part has none. */
  readonly name: string;
  readonly attached: boolean;
  /** Without its angle brackets. */
  readonly contentId: string | undefined;
  /** In lower case, without comments. */
  readonly encoding: string;
}

const TEXT_TYPES = new Set([
  "text/plain",
  "text/html",
  "text/enriched",
  "text/richtext",
  "text/calendar",
  "text/x-amp-html",
  "text/watch-html",
]);
const SIGNATURE_TYPES = new Set([
  "application/pkcs7-signature",
  "application/x-pkcs7-signature",
  "application/pgp-signature",
]);
const MESSAGE_TYPES = new Set(["message/rfc822", "message/global"]);
/** Parts that only programs read, when nobody attached them on purpose. */
const CONTROL_TYPES = new Set([
  "message/delivery-status",
  "message/global-delivery-status",
  "message/disposition-notification",
  "message/global-disposition-notification",
  "message/feedback-report",
  "text/rfc822-headers",
  "message/global-headers",
  "application/pgp-encrypted",
  "application/applefile",
]);

/** Reads the headers of a part that say what file it is. */
export function filePart(part: Part): FilePart {
  const disposition = part.headers.structured("content-disposition");
  const name = disposition?.parameter("filename") ??
    part.headers.structured("content-type")?.parameter("name") ?? "";
  return {
    part,
    name: decodeName(name),
    // RFC 2183, 2.8: a disposition that is unknown means attachment.
    attached: disposition !== undefined && disposition.value !== "" && disposition.value !== "inline",
    contentId: part.headers.get("content-id")?.replace(/^<|>$/g, "").trim(),
    encoding: encodingOf(part.headers.get("content-transfer-encoding")),
  };
}

/** What a part is for, as far as its headers tell. */
export function roleOf({ part: { type, parents }, name, attached }: FilePart): PartRole {
  const parent = parents.at(-1);
  if (parent === "signed" && SIGNATURE_TYPES.has(type)) return left("the signature of the mail");
  if (!attached && CONTROL_TYPES.has(type)) return left("a control part of the mail");
  if (!attached && parent === "report" && MESSAGE_TYPES.has(type)) return left("a mail returned by a report");
  if (MESSAGE_TYPES.has(type)) return { kind: "message" };
  if (type === "message/partial") return { kind: "fragment" };
  if (type === "message/external-body") return left("a link to a file that is elsewhere");
  // RFC 3156, 4: the control part, which is left, and this one.
  if (parent === "encrypted") return { kind: "encrypted" };
  if (attached || !type.startsWith("text/")) return { kind: "file" };
  if (parent === "alternative" || (TEXT_TYPES.has(type) && name === "")) return { kind: "text" };
  return { kind: "file" };
}

/**
 * Whether an image is shown within the text rather than attached. A Content-ID alone says little: Outlook and
 * Gmail give one to every attachment, so it counts when the text refers to it or stands beside it.
 */
export function isInlineImage(
  { part, attached, contentId }: FilePart,
  referred: ReadonlySet<string>,
): boolean {
  if (!attached) return true;
  return contentId !== undefined && (part.parents.at(-1) === "related" || referred.has(contentId));
}

function left(reason: string): PartRole {
  return { kind: "left", reason };
}

function encodingOf(field: string | undefined): string {
  return field?.replace(/\([^()]*\)/g, " ").trim().toLowerCase().replace(/[;,\s].*$/s, "") ?? "";
}
