/** Fields as XML: an element per member, in the order of JSON; the items of a list as `<item>`. */
import type { Value } from "./fields.ts";
import { LATE_MARK } from "./late_names.ts";

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** The element `tag` with `value` in it. */
export function xmlText(tag: string, value: Value): string {
  return `<${tag}>${xmlContent(value)}</${tag}>`;
}

/** `text` as it stands between tags or quotes. XML 1.0 has no way to write control characters (2.2): they are left out. */
export function escapeXml(text: string): string {
  return text.toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replace(/[&<>"]/g, (character) => ESCAPES[character] ?? "")
    .replaceAll("\r", "&#13;");
}

function xmlContent(value: Value): string {
  if (typeof value === "string") {
    // Left out of other texts.
    return (value.startsWith(LATE_MARK) ? LATE_MARK : "") + escapeXml(value);
  }
  if (Array.isArray(value)) return value.map((item: Value) => xmlText("item", item)).join("");
  return Object.entries(value)
    .map(([name, member]) => member === undefined ? "" : xmlText(name, member))
    .join("");
}
