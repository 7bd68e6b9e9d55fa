/**
 * What a decoder answers, checked before anything is done with it: hostile input may have taken it over, and what it
 * names as a file of its output is moved and delivered.
 */
import * as v from "valibot";
import { ENVELOPE_TYPES } from "../envelopes/envelope.ts";
import type { DecodeReply } from "./protocol.ts";

/** What is asked for: an envelope to be decoded, or an attachment to be opened. */
export type Asked = "envelope" | "attachment";

/** A name in the output directory, and nowhere else. */
// deno-lint-ignore no-control-regex -- NUL ends a path for the system.
const baseName = v.pipe(v.string(), v.maxLength(255), v.regex(/^(?!\.{1,2}$)[^/\\\x00]+$/));
const content = {
  type: v.string(),
  sizeBytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
};

const envelope = v.strictObject({
  type: v.picklist(ENVELOPE_TYPES),
  flux: v.nullable(v.string()),
  name: baseName,
  fields: v.record(v.string(), v.string()),
  files: v.array(
    v.strictObject({
      name: baseName,
      role: v.string(),
      ...content,
      isOwn: v.exactOptional(v.literal(true)),
    }),
  ),
  warnings: v.array(v.string()),
});

const attachment = v.strictObject({
  files: v.array(
    v.strictObject({
      name: v.string(),
      path: v.pipe(v.string(), v.regex(/^\d{1,9}$/)),
      ...content,
      isInline: v.boolean(),
    }),
  ),
  left: v.array(v.strictObject({ name: v.string(), reason: v.string() })),
});

const replies = { envelope: replyWith(envelope), attachment: replyWith(v.nullable(attachment)) };

/** Reads one line of a decoder's output. Throws when it is nothing that a decoder says. */
export function readReply(line: string, asked: Asked): DecodeReply {
  return v.parse(replies[asked], JSON.parse(line));
}

function replyWith<Schema extends v.GenericSchema>(decoded: Schema) {
  return v.variant("is", [
    v.strictObject({ is: v.literal("ready") }),
    v.strictObject({ is: v.literal("begun") }),
    v.strictObject({ is: v.literal("done"), decoded }),
    v.strictObject({
      is: v.literal("failed"),
      fault: v.picklist(["envelope", "unknown", "file", "space"]),
      message: v.string(),
    }),
  ]);
}
