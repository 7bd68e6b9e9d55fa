/** What a person at the terminal reads, in a French town hall and elsewhere, from the first start on. */
import assert from "node:assert/strict";
import { freePort } from "./servers/free_port.ts";
import { runTask, startTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";
import { startOnTerminal, whyNoTerminal } from "./servers/terminal.ts";

const ignore = whyNoTerminal() !== undefined;
const FRENCH = { LANG: "fr_FR.UTF-8", LC_ALL: "fr_FR.UTF-8" };
const INBOX = `schedule = "@every 1h"\n[listen]\nprotocol = "folder"\npath = "var/inbox"\nsettle = "50ms"\n` +
  `after = "delete"\n[deliver]\ncold = "inbox"\n[filter]\ninclude = ["*.pdf"]\n`;

async function project(files: Readonly<Record<string, string>> = {}, page = freePort()): Promise<TempFolder> {
  const folder = await TempFolder.make();
  await folder.write("launchers.d/gateway.toml", `[status]\nlisten = "127.0.0.1:${page}"\n`);
  await folder.write("launchers.d/inbox.toml", INBOX);
  for (const [name, text] of Object.entries(files)) await folder.write(`launchers.d/${name}`, text);
  return folder;
}

Deno.test("problems, reports and states are in French where the terminal is; JSON is the same everywhere", async () => {
  await using folder = await project({
    "a.toml": INBOX.replace('"folder"', '"foldr"'),
    "b.toml": 'description = "Factures\n' + INBOX,
  });
  const options = { cwd: folder.path, env: FRENCH };
  const check = await runTask("check", [], options);
  assert.equal(check.code, 78);
  assert.match(
    check.stdout,
    /^launchers\.d\/a\.toml:3: erreur\u00a0: Impossible .*\n {4}→ Vouliez-vous dire «\u00a0folder/m,
  );
  assert.match(check.stdout, /b\.toml:1: erreur\u00a0: .*un texte n’a pas de guillemet fermant sur sa ligne/);
  assert.match(check.stdout, /Tout ne va pas bien\u00a0: 1 lanceur en service, 0 désactivé, .*2 en faute/);
  const json = await runTask("check", ["--json"], options);
  assert.match(json.stdout, /"message": "Cannot use listen\.protocol = \\"foldr\\"/);

  await Deno.remove(folder.at("launchers.d/a.toml"));
  await Deno.remove(folder.at("launchers.d/b.toml"));
  await folder.write("var/inbox/facture.pdf", "%PDF");
  await folder.write("var/inbox/note.txt", "x");
  const dry = await runTask("run", ["inbox", "--dry-run"], options);
  assert.match(dry.stdout, /prendre\u00a0: facture\.pdf\n {4}→ .*\n {4}original\u00a0: supprimé/);
  assert.match(
    dry.stdout,
    /écarter\u00a0: note\.txt\n {4}car\u00a0: .*\n {4}original\u00a0: laissé tel quel/,
  );
  assert.match(dry.stdout, /Essai, rien n’a été changé\u00a0: prendrait 1 élément, en écarterait 1/);
  assert.match(
    (await runTask("run", ["inbox"], options)).stdout,
    /livré\u00a0: facture\.pdf[^]*livrés 1, écartés 1/,
  );
  assert.match(
    (await runTask("run", ["inbx"], options)).stderr,
    /il n’y a pas de inbx\.toml\n {4}→ vouliez-vous/,
  );
  assert.match((await runTask("status", [], options)).stderr, /Aucune passerelle ne tourne/);
  assert.equal((await runTask("quarantine", [], options)).stdout, "La quarantaine est vide\n");

  await using gateway = startTask("start", [], options);
  await gateway.logged("started");
  const status = await runTask("status", [], options);
  assert.match(status.stdout, /^Tout va bien\n[^]* {2}inbox {2}au repos {2}folder var\/inbox {2}1 livré/);
  assert.equal((await runTask("reload", [], options)).stdout, "Rechargé\n");
  assert.equal((await runTask("stop", [], options)).stdout, "Arrêté\n");
});

Deno.test({
  name: "start says on a terminal how it is, with what mends it, and where the page is",
  ignore,
  async fn(t) {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = taken.addr;
    const mail =
      `[mail]\nclient = yes\naccept = 127.0.0.1:${port}\nconnect = 127.0.0.1:1\ncheckHost = localhost\n`;

    await t.step("all well", async () => {
      const page = freePort();
      await using folder = await project({}, page);
      await using terminal = startOnTerminal("start", [], { cwd: folder.path });
      await terminal.shown("Lanceur runs. Ctrl+C ends it");
      await terminal.shown(`All is well\r\nhttp://127.0.0.1:${page}/`);
      await terminal.type("\x03");
      assert.equal(await terminal.ended, 0);
    });

    await t.step("ports taken, a faulty file, in French", async () => {
      await using folder = await project({
        "mail.conf": mail,
        "a.toml": INBOX.replace('"folder"', '"foldr"'),
      }, port);
      const options = { cwd: folder.path, env: FRENCH };
      await using terminal = startOnTerminal("start", [], options);
      await terminal.shown("Lanceur tourne. Ctrl+C l’arrête");
      await terminal.shown("2 problèmes demandent votre attention");
      await terminal.shown("erreur\u00a0: Le service de tunnel");
      await terminal.shown("un autre programme l’occupe");
      await terminal.shown("a.toml, ligne 3");
      await terminal.shown("Vouliez-vous dire");
      await terminal.shown("avertissement\u00a0: La page d’état n’est pas ouverte.");
      assert.equal(terminal.screen.match(/foldr/g)?.length, 1, "the problem is said once");
      const status = await runTask("status", [], options);
      assert.match(status.stdout, /La page d’état n’est pas ouverte\.\n.*un autre programme/);
      await terminal.type("\x03");
      assert.equal(await terminal.ended, 0);
    });

    await t.step("without a terminal the log has it, one line each", async () => {
      await using folder = await project({
        "mail.conf": mail,
        "a.toml": INBOX.replace('"folder"', '"foldr"'),
      }, port);
      await using gateway = startTask("start", [], { cwd: folder.path });
      await gateway.logged("started");
      assert.match(
        gateway.log,
        /ERROR tunnel: .*another program has it .*remedy="Find the program /,
      );
      assert.match(gateway.log, /ERROR gateway: status page cannot be opened.*another program has it/);
      assert.match(gateway.log, /ERROR gateway: Cannot use listen\.protocol = "foldr".*remedy=/);
    });
  },
});

Deno.test({
  name: "new asks in French where the terminal is",
  ignore,
  async fn() {
    await using folder = await project();
    await using terminal = startOnTerminal("new", [], { cwd: folder.path, env: FRENCH });
    await terminal.shown("Nom du lanceur: ");
    await terminal.type("scans\r");
    await terminal.shown("Les documents arrivent par imap, pop3, folder, adullact [imap]: ");
    await terminal.type("foldr\r");
    await terminal.shown("vouliez-vous dire «\u00a0folder\u00a0»\u00a0?");
    await terminal.type("folder\r");
    await terminal.shown("Dossier où les prendre [var/scans]: ");
    await terminal.type("\r");
    await terminal.shown(
      "Une fois livré, l’original\u00a0: keep (gardé), delete (supprimé), move (rangé dans un autre",
    );
    await terminal.type("move\r");
    await terminal.shown("Dossier où le ranger, vu du dossier écouté [done]: ");
    await terminal.type("\r");
    await terminal.shown("Répertoire COLD [scans]: ");
    await terminal.type("\r");
    await terminal.shown("Écrit\u00a0: launchers.d/scans.toml");
    assert.equal(await terminal.ended, 0);
    assert.match(await Deno.readTextFile(folder.at("launchers.d/scans.toml")), /after = \{ move = "done" \}/);
    assert.equal((await runTask("check", [], { cwd: folder.path })).code, 0);
  },
});
