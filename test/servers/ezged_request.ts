/** Takes apart what the stand-in of EzGED is sent: query, form, and the file of an upload. */
import { Buffer } from "node:buffer";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** One request, whole. */
export interface EzgedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Query and form together, as PHP's `$_REQUEST`. */
  readonly parameters: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The part called `file`. */
  readonly file?: { readonly name: string; readonly bytes: Uint8Array };
}

/** Reads a request to its end; rejects when it is cut short. */
export async function readRequest(message: IncomingMessage): Promise<EzgedRequest> {
  const url = new URL(message.url ?? "/", "http://localhost");
  const chunks: Uint8Array[] = [];
  for await (const chunk of message) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const length = Number(message.headers["content-length"] ?? body.length);
  if (!message.complete || body.length !== length) throw new Error("The request was cut short");
  const type = message.headers["content-type"] ?? "";
  const form = type.startsWith("application/x-www-form-urlencoded") ? body.toString("utf8") : "";
  const file = type.startsWith("multipart/form-data") ? fileOf(body, type) : undefined;
  return {
    method: message.method ?? "",
    path: url.pathname,
    query: url.searchParams,
    parameters: new URLSearchParams([...url.searchParams, ...new URLSearchParams(form)]),
    headers: message.headers,
    ...(file ? { file } : {}),
  };
}

function fileOf(body: Buffer, type: string): { name: string; bytes: Uint8Array } {
  const boundary = /boundary=([^;]+)/.exec(type)?.[1] ?? "";
  const head = body.indexOf("\r\n\r\n");
  const end = body.lastIndexOf(`\r\n--${boundary}--`);
  const header = body.subarray(0, head).toString("utf8");
  const [, field, name] = /form-data; name="([^"]*)"; filename="([^"]*)"/.exec(header) ?? [];
  if (!header.startsWith(`--${boundary}\r\n`) || field !== "file" || name === undefined || end < head) {
    throw new Error("The upload is not a form with a file");
  }
  return { name, bytes: new Uint8Array(body.subarray(head + 4, end)) };
}
