/**
 * The decoder process: opens envelopes and attachments, one request after another, until its input ends. Started by
 * `process.ts` with rights to read and write in given places only.
 */
import { EnvelopeError, UnknownEnvelopeError } from "../errors.ts";
import { openEnvelope } from "../envelopes/mod.ts";
import type { InvoiceXml } from "../message/facturx.ts";
import { openAttachment, type OpenRequest } from "./open_attachment.ts";
import {
  type DecodeFault,
  type DecodeReply,
  type DecodeRequest,
  MAX_LINE_LENGTH,
  readLines,
} from "./protocol.ts";

async function main(): Promise<void> {
  // A terminal or service manager signals the whole group; the gateway decides when the item in hand is done.
  for (const signal of stopSignals()) Deno.addSignalListener(signal, () => {});
  await reply({ is: "ready" });
  for await (const line of readLines(Deno.stdin.readable, MAX_LINE_LENGTH)) {
    await reply({ is: "begun" });
    await reply(await answer(JSON.parse(line)));
  }
  Deno.exit(0);
}

async function answer(request: DecodeRequest | OpenRequest): Promise<DecodeReply> {
  try {
    const isAttachment = "open" in request;
    const decoded = isAttachment
      ? openAttachment(request)
      : openEnvelope(request.path, { ...request, findInvoiceXml });
    return { is: "done", decoded: await decoded };
  } catch (error) {
    return { is: "failed", ...explain(error) };
  }
}

/** Loaded only where it is wanted: it takes longer than the rest of the decoder. */
async function findInvoiceXml(pdf: Uint8Array): Promise<InvoiceXml | undefined> {
  const { findInvoiceXml } = await import("../message/facturx.ts");
  return await findInvoiceXml(pdf);
}

function explain(error: unknown): { fault: DecodeFault; message: string } {
  if (error instanceof UnknownEnvelopeError) return { fault: "unknown", message: error.message };
  if (error instanceof EnvelopeError) return { fault: "envelope", message: error.message };
  if (!(error instanceof Error)) return { fault: "envelope", message: "the decoder failed on it" };
  const code = "code" in error ? String(error.code) : "";
  if (code === "ENOSPC" || code === "EDQUOT") return { fault: "space", message: error.message };
  const isFileError = code !== "" || Object.values(Deno.errors).some((known) => error instanceof known);
  // Messages of other errors may quote the content.
  return isFileError
    ? { fault: "file", message: error.message }
    : { fault: "envelope", message: `the decoder failed on it (${error.name})` };
}

function stopSignals(): Deno.Signal[] {
  return Deno.build.os === "windows" ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM", "SIGHUP"];
}

async function reply(message: DecodeReply): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify(message) + "\n");
  for (let written = 0; written < bytes.length;) written += await Deno.stdout.write(bytes.subarray(written));
}

await main();
