/** The files of src/deploy, as far as the programs they are for can judge them here. */
import assert from "node:assert/strict";
import { XMLParser } from "fast-xml-parser";
import denoJson from "../deno.json" with { type: "json" };
import { isInstalled } from "./servers/installed.ts";
import { TempFolder } from "./servers/temp_folder.ts";

const DEPLOY = new URL("../src/deploy/", import.meta.url);

async function analyze(args: readonly string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command("systemd-analyze", { args: [...args] }).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.ok(success, said);
}

Deno.test({
  name: "systemd finds nothing wrong with lanceur.service, and calls its exposure low",
  ignore: !isInstalled("systemd-analyze"),
  async fn() {
    await using folder = await TempFolder.make();
    const text = await Deno.readTextFile(new URL("lanceur.service", DEPLOY));
    // verify wants to find the program.
    const unit = await folder.write(
      "lanceur.service",
      text.replaceAll("/usr/local/bin/deno", Deno.execPath()),
    );
    await analyze(["verify", "--man=no", unit]);
    // Tenths of points: 2.0 of 10.
    await analyze(["security", "--offline=yes", "--no-pager", "--threshold=20", unit]);
  },
});

Deno.test("the recipes name tasks and files that exist", async () => {
  const files = ["lanceur.service", "Containerfile", "lanceur-winsw.xml"];
  for (const name of files) {
    const text = await Deno.readTextFile(new URL(name, DEPLOY));
    const tasks = [
      ...text.matchAll(/\btask --quiet (\w+)/g),
      ...text.matchAll(/"task", "--quiet", "(\w+)"/g),
    ];
    assert.ok(tasks.length > 0, name);
    for (const [, task = ""] of tasks) assert.ok(task in denoJson.tasks, `${name}: ${task}`);
    for (const [, path = ""] of text.matchAll(/((?:src|tunnel)\/[\w/]+\.ts)/g)) {
      await Deno.stat(new URL(`../${path}`, import.meta.url));
    }
  }
  const xml = await Deno.readTextFile(new URL("lanceur-winsw.xml", DEPLOY));
  const { service } = new XMLParser().parse(xml) as { service: Record<string, unknown> };
  assert.equal(service["id"], "lanceur");
});
