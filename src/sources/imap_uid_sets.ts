/** UIDs packed into the sequence sets of IMAP commands. */

// Exchange takes command lines of some 8,000 octets; a mailbox in one piece is cut so that listing can begin.
const MAX_SET_CHARACTERS = 4000;
const MAX_SET_UIDS = 5000;

/** Packs ascending UIDs as `1:5,7,9:12`, in sets short enough for every server. */
export function* uidSets(uids: readonly number[]): Generator<string> {
  let set = "";
  let count = 0;
  for (let index = 0; index < uids.length;) {
    const from = uids[index] ?? 0;
    let to = from;
    for (index++, count++; uids[index] === to + 1 && count < MAX_SET_UIDS; index++, count++) to++;
    set += `${set === "" ? "" : ","}${from === to ? from : `${from}:${to}`}`;
    if (count < MAX_SET_UIDS && set.length < MAX_SET_CHARACTERS) continue;
    yield set;
    set = "";
    count = 0;
  }
  if (set !== "") yield set;
}
