/** What notifications are sent with, from the configuration. */
import type { Configuration } from "../config/mod.ts";
import type { LauncherSurroundings } from "../launcher.ts";
import { contextFor } from "../launcher_context.ts";
import type { ChannelTools } from "./channels.ts";

/** `undefined` without `[notify]`. */
export function notifyTools(
  { base, gateway }: Configuration,
  dial: LauncherSurroundings["dial"],
): Omit<ChannelTools, "signal"> | undefined {
  const { notify, cold, status } = gateway;
  if (!notify) return undefined;
  return {
    config: notify,
    wording: { lang: notify.language, page: `http://${status.listen}/`, root: cold.root },
    context: (signal) => contextFor({ base, dial, signal }),
  };
}
