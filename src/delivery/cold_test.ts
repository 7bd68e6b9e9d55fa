import { TempFolder } from "../../test/servers/temp_folder.ts";
import { testDestination } from "../../test/suites/destination.ts";
import { Cold, STAGING } from "./cold_directory.ts";

testDestination("COLD", async () => {
  const folder = await TempFolder.make();
  await Deno.mkdir(folder.at("cold"));
  return {
    deliver: { cold: "factures" },
    open: () => Cold.open(folder.at("cold"), "owner"),
    arrived: async () => {
      const names = await folder.list("cold/factures").catch(() => []);
      return await Promise.all(names.map(async (name) => ({
        name,
        text: await Deno.readTextFile(folder.at(`cold/factures/${name}`)),
      })));
    },
    staged: () => folder.list(`cold/${STAGING}`),
    setDown: (isDown) =>
      Deno.rename(folder.at(isDown ? "cold" : "unmounted"), folder.at(isDown ? "unmounted" : "cold")),
    cleanup: () => folder[Symbol.asyncDispose](),
  };
});
