/** Where an item was, in words that people know, taken from its key in the ledger. */

/** The account of a mail, or the path of a file below its launcher's folder; `undefined` for a key of another form. */
export function placeOf(key: string, protocol: string): string | undefined {
  if (protocol === "folder" || protocol === "adullact") {
    return /^(.*)(?:\|\d+\|\d+\||\/\+?\|)/s.exec(key)?.[1];
  }
  const account = /^([^/]+)@[^@/]*\//.exec(key)?.[1];
  return account === undefined ? undefined : decoded(account);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
