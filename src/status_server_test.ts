import assert from "node:assert/strict";
import { readConfiguration } from "./config/mod.ts";
import { sampleSnapshot, SampleView } from "./status/sample_view.ts";
import { StatusServer } from "./status_server.ts";
import { TempFolder } from "../test/servers/temp_folder.ts";

Deno.test("a page that could not be opened opens by itself once its port is free", async () => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using folder = await TempFolder.make();
  await folder.write("launchers.d/gateway.toml", `[status]\nlisten = "127.0.0.1:${taken.addr.port}"\n`);
  const configuration = await readConfiguration(folder.at("launchers.d"));
  await using page = await StatusServer.open(new SampleView(sampleSnapshot()), configuration, { retryMs: 5 });
  assert.match(page.fault ?? "", /in use|taken|another/);
  taken.close();
  while (page.fault !== undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  const answer = await fetch(`${page.address}healthz`);
  assert.equal(await answer.text(), "ok\n");
});
