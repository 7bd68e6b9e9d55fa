import assert from "node:assert/strict";
import { placeOf } from "./item_place.ts";

Deno.test("placeOf() gives the account of a mail and the path of a file, and no key", () => {
  const cases: readonly (readonly [key: string, protocol: string, place: string | undefined])[] = [
    ["pop%40lab.test@127.0.0.1/uidl/0001%2F5", "pop3", "pop@lab.test"],
    ["ged%40exemple.fr@gmail-pop3/top/ab12/2", "pop3", "ged@exemple.fr"],
    ["ged@exemple.fr@imap.exemple.fr/Re\u0301ponses@x/1710000000/17", "imap", "ged@exemple.fr"],
    ["50%25@imap.exemple.fr/INBOX/1/17", "imap", "50%"],
    ["2026/mars/SCN_0001.pdf|1200|1774000000000|77", "folder", "2026/mars/SCN_0001.pdf"],
    ["acte-12/|ab12", "adullact", "acte-12"],
    ["lot 3/+|ab12", "adullact", "lot 3"],
    ["anything", "imap", undefined],
    ["anything", "folder", undefined],
  ];
  for (const [key, protocol, place] of cases) assert.equal(placeOf(key, protocol), place, key);
});
