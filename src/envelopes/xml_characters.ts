/** Which octets and characters may stand where in XML 1.0 (section numbers are its). */

/** White space (2.3). */
export const SPACE = 1;
/** Part of a name, though perhaps not its beginning (2.3); an octet past ASCII only perhaps. */
export const NAME = 2;
/** Ordinary in a text or value: nothing to decode, to replace or to refuse. */
export const PLAIN = 4;
const KINDS: Uint8Array = octetKinds();

const NAME_START = String.raw`:A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d` +
  String.raw`\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\u{10000}-\u{effff}`;
const NAME_PATTERN = new RegExp(
  String.raw`^[${NAME_START}][${NAME_START}\-.0-9\xb7\u0300-\u036f\u203f\u2040]*$`,
  "u",
);
// deno-lint-ignore no-control-regex
const REFUSED = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;
const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** What an octet of a text in which ASCII means itself may be part of. */
export function kindOf(octet: number | undefined): number {
  return KINDS[octet ?? 0] ?? 0;
}

/** Whether `text` is a Name (2.3). */
export function isName(text: string): boolean {
  return NAME_PATTERN.test(text);
}

/** Whether all of `text` may stand in a document (2.2). */
export function isAllowed(text: string): boolean {
  return !REFUSED.test(text);
}

/** `text` with its references replaced (4.1, 4.6); `null` when there is one that cannot be. */
export function expandReferences(text: string): string | null {
  let isSound = true;
  const expanded = text.replace(/&(?:#(\d+);|#x([\da-fA-F]+);|(\w+);)?/g, (_, decimal, hexadecimal, name) => {
    const character = name !== undefined
      ? (Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined)
      : characterOf(decimal !== undefined ? Number(decimal) : parseInt(hexadecimal, 16));
    isSound &&= character !== undefined;
    return character ?? "";
  });
  return isSound ? expanded : null;
}

function characterOf(code: number): string | undefined {
  if (!(code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  const character = String.fromCodePoint(code);
  return isAllowed(character) ? character : undefined;
}

function octetKinds(): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, octet) => {
    const character = String.fromCharCode(octet);
    const isSpace = /[\t\n\r ]/.test(character);
    const isName = octet >= 0x80 || /[:\w.-]/.test(character);
    const isPlain = octet >= 0x20 && octet < 0x80 && !/[<&\]]/.test(character);
    return (isSpace ? SPACE : 0) | (isName ? NAME : 0) | (isPlain ? PLAIN : 0);
  });
}
