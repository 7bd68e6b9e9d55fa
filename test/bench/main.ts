/** `deno task bench NAME`: side by side with other programs on this machine, in one run. */
import { benchEnvelopes } from "./envelopes.ts";
import { benchLedger } from "./ledger.ts";
import { benchMails } from "./mails.ts";
import { benchPage } from "./page.ts";
import { benchTunnel } from "./tunnel.ts";
import { writeLine } from "./table.ts";

const BENCHES: Readonly<Record<string, (only: readonly string[]) => Promise<void>>> = {
  envelopes: benchEnvelopes,
  ledger: benchLedger,
  mail: benchMails,
  page: benchPage,
  tunnel: benchTunnel,
};

const [name = "", ...only] = Deno.args;
const bench = BENCHES[name];
if (!bench) {
  writeLine(`Which benchmark? deno task bench ${Object.keys(BENCHES).join(" | ")}`);
  Deno.exit(64);
}
await bench(only);
