/** `deno task backup DIR`: a copy of all that is remembered, while the gateway goes on. */
import { resolve } from "node:path";
import { backUp } from "../backup.ts";
import type { CommandLine } from "../command_line.ts";
import { readUsable } from "./configuration.ts";
import { counted } from "./language.ts";
import { EXIT, nearPath, print, printJson } from "./output.ts";
import { ProgressBar } from "./progress.ts";

/** Makes the copy and says where it is; rejects with `DeliveryError` when it could not be made. */
export async function backup({ launchers, operands: [target = ""], json }: CommandLine): Promise<number> {
  using bar = new ProgressBar("backup", !json);
  const made = await backUp(await readUsable(launchers), resolve(target), (step) => bar.show(step));
  bar.end();
  if (json) printJson(made);
  else {
    const size = `${(made.sizeBytes / 1e6).toFixed(1)} MB`;
    print(
      `${nearPath(made.path)}: ledger of ${counted(made.items, "item", "élément")}, ${
        counted(made.files, "file", "fichier")
      }, ${size}`,
    );
  }
  return EXIT.ok;
}
