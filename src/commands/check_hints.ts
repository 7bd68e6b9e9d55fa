/** What `check` alone tells: nothing is wrong, but who sets up the machine decides about it. */
import { join } from "node:path";
import * as v from "valibot";
import type { Configuration } from "../config/mod.ts";
import { isLoopback } from "../config/gateway.ts";
import type { Problem } from "../errors.ts";
import { isLeft } from "../held.ts";
import { counted, say } from "./language.ts";

const keptSchema = v.object({ launcher: v.string(), scope: v.string() });

/** Hints about a configuration that can be used, and the state folder it names. */
export async function hintsOf(configuration: Configuration): Promise<Problem[]> {
  return [...openPage(configuration), ...await leftMails(configuration)];
}

function openPage({ directory, gateway: { status } }: Configuration): Problem[] {
  const isOpen = status.token === undefined && status.passwordHash === undefined;
  if (!isOpen || !isLoopback(status.hostname)) return [];
  return [{
    severity: "info",
    file: join(directory, "gateway.toml"),
    message: say(
      `Everybody who has an account on this machine can read the page at ${status.listen} and download ` +
        "what is in quarantine: it asks for no password",
      `Tous ceux qui ont un compte sur cette machine peuvent lire la page à ${status.listen} et télécharger ` +
        "ce qui est en quarantaine : elle ne demande pas de mot de passe",
    ),
    remedy: say(
      "If others work on this machine, put password_hash (deno task password) or a token under [status]",
      "Si d’autres travaillent sur cette machine, mettez password_hash (deno task password) ou un token sous [status]",
    ),
  }];
}

/** Failed mails that were kept for launchers which are no longer there. */
async function leftMails(configuration: Configuration): Promise<Problem[]> {
  const folder = join(configuration.gateway.state, "retained");
  const kept: v.InferOutput<typeof keptSchema>[] = [];
  for (const { name } of await Array.fromAsync(Deno.readDir(folder)).catch(() => [])) {
    const entry = await readKept(join(folder, name, "reason.json"));
    if (entry && isLeft(entry, configuration)) kept.push(entry);
  }
  return [...Map.groupBy(kept, ({ scope }) => scope)].map(([scope, entries]) => ({
    severity: "warning",
    file: folder,
    message: say(
      `Cannot deliver ${counted(entries.length, "mail", "")} kept here after failing: launcher ` +
        `"${entries[0]?.launcher}" is not there any more`,
      `Impossible de livrer ${
        counted(entries.length, "", "courriel")
      } gardés ici après un échec : le lanceur ` +
        `« ${entries[0]?.launcher} » n’existe plus`,
    ),
    remedy: say(
      `Bring back its file, or write id = "${scope}" in the launcher that takes its place: they are tried again ` +
        "then; or look at them and drop them: deno task quarantine",
      `Remettez son fichier, ou écrivez id = "${scope}" dans le lanceur qui le remplace : ils seront alors retentés ; ` +
        "ou regardez-les et supprimez-les : deno task quarantine",
    ),
  }));
}

async function readKept(path: string): Promise<v.InferOutput<typeof keptSchema> | undefined> {
  try {
    return v.parse(keptSchema, JSON.parse(await Deno.readTextFile(path)));
  } catch {
    // Being written, or not ours: the quarantine does not list it either.
    return undefined;
  }
}
