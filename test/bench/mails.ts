/** `deno task bench mail`: all of them in turn, or those that are named. */
import { benchMail } from "./mail.ts";
import { benchKnown } from "./mail_known.ts";
import { benchLarge } from "./mail_large.ts";
import { benchMany } from "./mail_many.ts";
import { benchPush } from "./mail_push.ts";

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  pop3: benchMail,
  known: benchKnown,
  large: benchLarge,
  many: benchMany,
  push: benchPush,
};

/** Runs the benchmarks of mail; `only` names some of them. */
export async function benchMails(only: readonly string[]): Promise<void> {
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (only.length === 0 || only.includes(name)) await bench();
  }
}
