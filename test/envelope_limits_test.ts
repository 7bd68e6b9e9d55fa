/** Limits of envelopes that a launcher file sets. */
import assert from "node:assert/strict";
import * as v from "valibot";
import { MAX_FILES, MAX_FILES_EVER } from "../src/envelopes/limits.ts";
import { documentsOptions } from "../src/message/options.ts";
import { file } from "./fixtures/mails/packed_mail.ts";
import { mail, octets, TEXT } from "./fixtures/mails/build.ts";
import { binary } from "./fixtures/mails/build_packed.ts";
import { withLauncher } from "./servers/launcher_project.ts";
import { withProject } from "./servers/mail_project.ts";

const NAME = "PESALR2_12345678900012_240312_001";
const SAMPLE = new URL(`./fixtures/envelopes/helios-zip/${NAME}.zip`, import.meta.url);
const LAUNCHER = '[listen]\nprotocol = "adullact"\npath = "in"\nsettle = "1ms"\n';

Deno.test("documents.max_envelope_files: an envelope of more files is quarantined, and delivered when more are allowed", async () => {
  const content = await Deno.readFile(SAMPLE);
  let files = 0;
  await withLauncher(LAUNCHER, async ({ folder, launcher }) => {
    await folder.write(`in/${NAME}.zip`, content);
    assert.equal((await launcher.poll()).delivered, 1);
    // What the decoder writes about it does not count.
    files = (await folder.list(`var/cold/courrier/${NAME}`)).length - 1;
  });
  for (const [max, outcome] of [[files, "delivered"], [files - 1, "quarantined"]] as const) {
    await withLauncher(
      `${LAUNCHER}[documents]\nmax_envelope_files = ${max}\n`,
      async ({ folder, launcher }) => {
        await folder.write(`in/${NAME}.zip`, content);
        const { items: [item] } = await launcher.poll();
        assert.equal(item?.outcome, outcome, item?.reason ?? "");
        if (outcome === "quarantined") {
          assert.match(
            item?.reason ?? "",
            /more than \d+ files in one envelope; documents\.max_envelope_files/,
          );
        }
      },
    );
  }
});

Deno.test("documents.max_envelope_files counts the envelopes of one mail together, apart from its archives", async () => {
  const sample = binary(await Deno.readFile(SAMPLE));
  const raw = mail([TEXT, file("a.zip", sample), file("b.zip", sample)]);
  let files = 0;
  const documents = 'envelopes = ["helios"]';
  await withProject({ documents }, async ({ inbox, poll, folder }) => {
    inbox.add(octets(raw));
    assert.equal((await poll()).delivered, 1);
    files = (await folder.list("var/cold/courrier/a")).length;
  });
  const cases = [[2 * files, "delivered"], [2 * files - 1, "quarantined"]] as const;
  for (const [max, outcome] of cases) {
    await withProject({ documents: `${documents}\nmax_envelope_files = ${max}` }, async ({ inbox, poll }) => {
      inbox.add(octets(raw));
      const { items: [item] } = await poll();
      assert.equal(item?.outcome, outcome, item?.reason ?? "");
      if (outcome === "quarantined") {
        assert.match(item?.reason ?? "", /"b\.zip": .* documents\.max_envelope_files/);
      }
    });
  }
});

Deno.test("documents.max_envelope_files: its default and its limit are those of the decoder", () => {
  assert.equal(v.parse(documentsOptions, {}).max_envelope_files, MAX_FILES);
  for (const [max, isRight] of [[MAX_FILES_EVER, true], [MAX_FILES_EVER + 1, false]] as const) {
    assert.equal(v.safeParse(documentsOptions, { max_envelope_files: max }).success, isRight);
  }
});
