/** Addresses of mail headers (RFC 5322, 3.4). */

/**
 * The addresses in a From or To header, as decoded: `Compta <a@b.fr>, c@d.fr` gives both. What stands in
 * quotes or before `<` is a name anyone can choose, so an address in it does not count.
 */
export function addressesOf(header: string): string[] {
  const addresses: string[] = [];
  let mailbox = "";
  let hasBracket = false;
  const finish = () => {
    const bracketed = mailbox.slice(mailbox.lastIndexOf("<") + 1);
    const address = (bracketed.includes(">") ? bracketed.slice(0, bracketed.indexOf(">")) : mailbox).trim();
    if (address.includes("@")) addresses.push(address);
    mailbox = "";
    hasBracket = false;
  };
  let quoted = false;
  let depth = 0;
  for (let at = 0; at < header.length; at++) {
    const character = header[at];
    if (character === "\\" && (quoted || depth > 0)) at++;
    else if (character === '"' && depth === 0) quoted = !quoted;
    else if (quoted) continue;
    else if (character === "(") depth++;
    else if (character === ")" && depth > 0) depth--;
    else if (depth > 0) continue;
    else if (character === "," || character === ";") finish();
    // A group (RFC 5322, 3.4): "Services: a@b.fr, c@d.fr;".
    else if (character === ":" && !hasBracket) mailbox = "";
    else {
      mailbox += character;
      hasBracket ||= character === "<";
    }
  }
  finish();
  return addresses;
}
