/** Media types, by the first octets and then by the extension. */
import { looksLikeXml } from "./xml.ts";

const SIGNATURES: readonly [signature: string, type: string][] = [
  ["%PDF-", "application/pdf"],
  ["\u0089PNG\r\n\u001a\n", "image/png"],
  ["\u00ff\u00d8\u00ff", "image/jpeg"],
  ["GIF8", "image/gif"],
  ["II*\0", "image/tiff"],
  ["MM\0*", "image/tiff"],
  ["{\\rtf", "application/rtf"],
  ["\u001f\u008b", "application/gzip"],
];

const EXTENSIONS: ReadonlyMap<string, string> = new Map([
  ["csv", "text/csv"],
  ["doc", "application/msword"],
  ["docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
  ["html", "text/html"],
  ["json", "application/json"],
  ["odp", "application/vnd.oasis.opendocument.presentation"],
  ["ods", "application/vnd.oasis.opendocument.spreadsheet"],
  ["odt", "application/vnd.oasis.opendocument.text"],
  ["p7s", "application/pkcs7-signature"],
  ["txt", "text/plain"],
  ["xls", "application/vnd.ms-excel"],
  ["xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
  ["zip", "application/zip"],
]);

/** The media type of a file that begins with `head`; `application/octet-stream` when nothing tells. */
export function mediaType(name: string, head: Uint8Array): string {
  const start = String.fromCharCode(...head.subarray(0, 16));
  const signed = SIGNATURES.find(([signature]) => start.startsWith(signature));
  if (signed !== undefined) return signed[1];
  const extension = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  const known = EXTENSIONS.get(extension);
  if (start.startsWith("PK\u0003\u0004")) return known ?? "application/zip";
  if (extension !== "html" && looksLikeXml(head)) return "application/xml";
  return known ?? "application/octet-stream";
}

/** The extension, with its dot, that a file of a common type should have; `""` for the others. */
export function extensionOf(type: string): string {
  const extensions: Readonly<Record<string, string>> = {
    "application/pdf": ".pdf",
    "application/xml": ".xml",
    "application/zip": ".zip",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/tiff": ".tif",
  };
  return extensions[type] ?? "";
}
