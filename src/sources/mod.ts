/** The listening protocols, by the name that `[listen]` gives. A new one is one line here. */
import { adullact } from "./adullact.ts";
import { folder } from "./folder.ts";
import { imap } from "./imap.ts";
import { pop3 } from "./pop3.ts";

/** Every protocol a launcher can listen by. */
export const protocols = {
  imap,
  pop3,
  folder,
  adullact,
};
