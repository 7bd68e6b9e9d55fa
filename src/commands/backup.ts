/** `deno task backup DIR`: a copy of all that is remembered, while the gateway goes on. */
import { resolve } from "node:path";
import { backUp } from "../backup.ts";
import type { CommandLine } from "../command_line.ts";
import { readUsable } from "./configuration.ts";
import { formatBytes } from "../status/format.ts";
import { counted, languageOf, say } from "./language.ts";
import { EXIT, nearPath, print, printJson } from "./output.ts";
import { ProgressBar } from "./progress.ts";

/** Makes the copy and says where it is; rejects with `DeliveryError` when it could not be made. */
export async function backup({ launchers, operands: [target = ""], json }: CommandLine): Promise<number> {
  using bar = new ProgressBar(say("backup", "sauvegarde"), !json);
  const made = await backUp(await readUsable(launchers), resolve(target), (step) => bar.show(step));
  bar.end();
  if (json) printJson(made);
  else {
    const size = formatBytes(made.sizeBytes, languageOf());
    const items = counted(made.items, "item", "élément");
    const files = counted(made.files, "file", "fichier");
    const ledger = say(`ledger of ${items}`, `registre de ${items}`);
    print(`${nearPath(made.path)}${say(":", " :")} ${ledger}, ${files}, ${size}`);
  }
  return EXIT.ok;
}
