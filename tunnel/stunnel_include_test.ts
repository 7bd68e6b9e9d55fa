import assert from "node:assert/strict";
import { TempFolder } from "../test/servers/temp_folder.ts";
import { type ConfReading, readStunnelConf } from "./mod.ts";
import { LIMITS } from "./stunnel_include.ts";

const ENDS =
  "client = yes\naccept = 127.0.0.1:110\nconnect = pop.example.org:995\nverifyChain = yes\ncheckHost = h\n";

function errorsOf({ problems }: ConfReading): string[] {
  return problems.filter(({ severity }) => severity === "error").map(({ message }) => message);
}

/** Reads `main.conf` of a folder with these files. */
async function readFolder(files: Record<string, string>): Promise<ConfReading & { folder: string }> {
  await using folder = await TempFolder.make();
  for (const [name, text] of Object.entries(files)) await folder.write(name, text);
  return { ...await readStunnelConf(folder.at("main.conf")), folder: folder.path };
}

Deno.test("include takes the .conf files of a folder in alphabetical order, and lists the others", async () => {
  const { services, problems, folder } = await readFolder({
    "main.conf": "include = conf.d\n",
    "conf.d/b.conf": `[b]\n${ENDS}`,
    "conf.d/B.conf": `\uFEFF[B]\n${ENDS}`,
    "conf.d/10.conf": `[10]\n${ENDS}`,
    "conf.d/9.conf": `[9]\n${ENDS}`,
    "conf.d/README": "no configuration",
    "conf.d/a.conf.bak": "bogus = 1\n",
    "conf.d/sub/c.conf": `[c]\n${ENDS}`,
  });
  assert.deepEqual(services.map(({ name }) => name), ["10", "9", "B", "b"]);
  assert.deepEqual(problems, [{
    severity: "warning",
    file: `${folder}/main.conf`,
    line: 1,
    message: `Left out of "${folder}/conf.d", as their names do not end in .conf: README, a.conf.bak`,
  }]);
});

Deno.test("include carries sections over from file to file and back", async () => {
  const { services, problems, folder } = await readFolder({
    "main.conf":
      "client = yes\ninclude = conf.d\nconnect = d:4\n[last]\naccept = 127.0.0.1:3\nconnect = c:3\n",
    "conf.d/a.conf": "[one]\naccept = 127.0.0.1:1\n",
    "conf.d/b.conf": "connect = b:2\n[two]\nfailover = dice\naccept = 127.0.0.1:2\n",
  });
  assert.deepEqual(
    services.map(({ name, client, file, line, connect }) => ({ name, client, file, line, connect })),
    [
      {
        name: "one",
        client: true,
        file: `${folder}/conf.d/a.conf`,
        line: 1,
        connect: [{ host: "b", port: 2 }],
      },
      { name: "last", client: true, file: `${folder}/main.conf`, line: 4, connect: [{ host: "c", port: 3 }] },
    ],
  );
  const fault = problems.find(({ severity }) => severity === "error");
  assert.deepEqual([fault?.file, fault?.line, fault?.section], [`${folder}/conf.d/b.conf`, 3, "two"]);
});

Deno.test("includes can be nested, relative to the file they stand in", async () => {
  const { services, problems } = await readFolder({
    "main.conf": "include = conf.d\n",
    "conf.d/a.conf": "include = more\n",
    "conf.d/more/b.conf": `[b]\n${ENDS}`,
  });
  assert.deepEqual([services.map(({ name }) => name), problems], [["b"], []]);
});

Deno.test("what cannot be included is an error of its line, and the rest runs", async (t) => {
  const cases: [string, RegExp][] = [
    ["..", /lies outside/],
    ["/etc", /lies outside/],
    ["gone", /it does not exist/],
    ["main.conf", /it is no folder/],
  ];
  for (const [value, message] of cases) {
    await t.step(value, async () => {
      const { services, problems } = await readFolder({ "main.conf": `[a]\n${ENDS}include = ${value}\n` });
      assert.equal(services.length, 1);
      assert.deepEqual(problems.map(({ severity, line }) => [severity, line]), [["error", 7]]);
      assert.match(problems[0]?.message ?? "", message);
    });
  }
});

Deno.test("a folder that includes itself is read once", async (t) => {
  await t.step("by its name", async () => {
    const reading = await readFolder({
      "main.conf": "include = conf.d\n",
      "conf.d/a.conf": `include = .\n[a]\n${ENDS}`,
    });
    assert.equal(reading.services.length, 1);
    assert.match(errorsOf(reading).join(), /it includes itself$/);
  });
  await t.step("the folder of the first file", async () => {
    const reading = await readFolder({ "main.conf": `include = .\ninclude =\n[a]\n${ENDS}` });
    assert.equal(reading.services.length, 1);
    assert.equal(errorsOf(reading).filter((message) => /it includes itself$/.test(message)).length, 2);
  });
  await t.step("through another", async () => {
    const reading = await readFolder({
      "main.conf": "include = one\n",
      "one/a.conf": "include = ../two\n",
      "two/b.conf": `include = ../one\n[b]\n${ENDS}`,
    });
    assert.equal(reading.services.length, 1);
    assert.match(errorsOf(reading).join(), /it includes itself$/);
  });
  await t.step("by a link", async () => {
    await using folder = await TempFolder.make();
    await folder.write("conf.d/a.conf", `include = self\n[a]\n${ENDS}`);
    await Deno.symlink(folder.at("conf.d"), folder.at("conf.d/self"));
    const reading = await readStunnelConf(await folder.write("main.conf", "include = conf.d\n"));
    assert.equal(reading.services.length, 1);
    assert.match(errorsOf(reading).join(), /it includes itself$/);
  });
});

Deno.test("limits of includes: depth, lines, files, bytes", async (t) => {
  await t.step("depth", async () => {
    const files: Record<string, string> = { "main.conf": "include = 1\n" };
    let folder = "";
    for (let depth = 1; depth <= LIMITS.depth + 1; depth++) {
      folder += `${depth}/`;
      files[`${folder}a.conf`] = `[${depth}]\n${ENDS}include = ${depth + 1}\n`;
    }
    const reading = await readFolder(files);
    assert.equal(reading.services.length, LIMITS.depth);
    assert.match(errorsOf(reading).join(), /more than 8 folders deep/);
  });
  await t.step("lines: what doubles with each folder ends soon", async () => {
    const files: Record<string, string> = { "main.conf": "include = 1\n".repeat(2) };
    for (let depth = 1; depth <= 7; depth++) {
      files[`${depth}/a.conf`] = `include = ../${depth + 1}\n`.repeat(9);
    }
    files["8/a.conf"] = `[a]\n${ENDS}`;
    const reading = await readFolder(files);
    assert(reading.services.length <= LIMITS.includes);
    assert.equal(errorsOf(reading).filter((message) => /over 100 include lines/.test(message)).length, 1);
  });
  await t.step("bytes", async () => {
    const files: Record<string, string> = { "main.conf": "include = conf.d\n" };
    for (let number = 0; number < 6; number++) files[`conf.d/${number}.conf`] = `;${" x".repeat(500_000)}\n`;
    const reading = await readFolder(files);
    assert.match(errorsOf(reading).join("\n"), /5\.conf": with all files before it, it is larger than 4 MiB/);
  });
});

Deno.test("control characters of an include line are not repeated", async () => {
  await using folder = await TempFolder.make();
  const file = await folder.write("a.conf", "include=\rclient=\f!");
  const { problems } = await readStunnelConf(file);
  assert.equal(problems.length, 1);
  assert(!/\p{Cc}/u.test(problems[0]?.message ?? "\0"));
});
