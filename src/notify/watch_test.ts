import assert from "node:assert/strict";
import fc from "fast-check";
import { TempFolder } from "../../test/servers/temp_folder.ts";
import { Incidents } from "./incident.ts";
import { dueOn, type Health, keyOf, review } from "./watch.ts";

const AFTER_MS = 60_000;
const LAUNCHER = { kind: "launcher", name: "factures" } as const;
const ALL = new Set([keyOf(LAUNCHER)]);

/** `withIncidents` gives the ones of a state folder of its own. */
async function withIncidents(use: (incidents: Incidents) => Promise<void> | void): Promise<void> {
  await using folder = await TempFolder.make();
  await use(await Incidents.open(folder.path));
}

function ill(minutes: number): Health {
  return { ...LAUNCHER, state: "ill", since: new Date(Date.now() - minutes * 60_000), reason: "Cannot" };
}

const well: Health = { ...LAUNCHER, state: "well" };

/** Looks, and sends everything that is due on one channel. */
function lookAndSend(
  incidents: Incidents,
  health: readonly Health[],
  quarantine: readonly string[] = [],
): string[] {
  const entries = quarantine.map((id) => ({ id, launcher: "factures" }));
  review(incidents, { health, quarantine: entries }, AFTER_MS);
  const sick = new Set(health.filter(({ state }) => state === "ill").map(keyOf));
  const sent = dueOn(incidents, "webhook", { ill: sick }).map(({ incident, event }) => {
    (event === "opened" ? incident.told : incident.toldOver).push("webhook");
    return `${event} ${incident.kind}`;
  });
  review(incidents, { health, quarantine: entries }, AFTER_MS);
  return sent;
}

Deno.test("what is ill is told after the time set, once, and once more when it is well", async () => {
  await withIncidents((incidents) => {
    assert.deepEqual(lookAndSend(incidents, [ill(0.5)]), []);
    incidents.remove(incidents.all[0] ?? assert.fail());
    assert.deepEqual(lookAndSend(incidents, [ill(2)]), ["opened launcher"]);
    assert.deepEqual(lookAndSend(incidents, [ill(3)]), []);
    assert.deepEqual(lookAndSend(incidents, [well]), ["closed launcher"]);
    assert.deepEqual(lookAndSend(incidents, [well]), []);
    assert.deepEqual(incidents.all, []);
  });
});

Deno.test("what is over before it was told is not told at all", async () => {
  await withIncidents((incidents) => {
    assert.deepEqual(lookAndSend(incidents, [ill(0.5)]), []);
    assert.deepEqual(lookAndSend(incidents, [well]), []);
    assert.deepEqual(incidents.all, []);
  });
});

Deno.test("after a restart, nothing is told again, and nothing is over before a poll has said so", async () => {
  await using folder = await TempFolder.make();
  const before = await Incidents.open(folder.path);
  assert.deepEqual(lookAndSend(before, [ill(2)]), ["opened launcher"]);
  await before.save();
  const after = await Incidents.open(folder.path);
  assert.deepEqual(lookAndSend(after, [{ ...LAUNCHER, state: "unknown" }]), []);
  assert.deepEqual(lookAndSend(after, [ill(0)]), []);
  assert.deepEqual(lookAndSend(after, [well]), ["closed launcher"]);
});

Deno.test("a launcher that was taken away is told to be over", async () => {
  await withIncidents((incidents) => {
    lookAndSend(incidents, [ill(2)]);
    assert.deepEqual(lookAndSend(incidents, []), ["closed launcher"]);
  });
});

Deno.test("entries of the quarantine are told together, further ones later, and their end", async () => {
  await withIncidents((incidents) => {
    const quarantine = ["1", "2", "3"];
    assert.deepEqual(lookAndSend(incidents, [], quarantine), []);
    const [batch] = incidents.all;
    assert.ok(batch);
    // They are gathered for some seconds.
    batch.due = Date.now();
    assert.deepEqual(lookAndSend(incidents, [], quarantine), ["opened quarantine"]);
    assert.deepEqual(batch.entries, quarantine);
    assert.deepEqual(lookAndSend(incidents, [], [...quarantine, "4"]), []);
    const further = incidents.all[1];
    assert.ok(further);
    assert.ok(further.due >= Date.now() + AFTER_MS - 1000, "further ones are told at most every `after`");
    assert.deepEqual(lookAndSend(incidents, [], ["3", "4"]), []);
    assert.deepEqual(lookAndSend(incidents, [], ["4"]), ["closed quarantine"]);
    assert.deepEqual(lookAndSend(incidents, [], []), []);
    assert.deepEqual(incidents.all, []);
  });
});

Deno.test("whatever happens, each incident is told at most once and ended at most once, in that order", async () => {
  const state = fc.constantFrom("well", "ill", "unknown", "gone");
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ state, restart: fc.boolean(), fails: fc.boolean() }), { maxLength: 30 }),
      async (steps) => {
        await using folder = await TempFolder.make();
        let incidents = await Incidents.open(folder.path);
        const sent: string[] = [];
        for (const { state, restart, fails } of steps) {
          if (restart) {
            await incidents.save();
            incidents = await Incidents.open(folder.path);
          }
          const health: Health[] = state === "gone"
            ? []
            : [{ ...LAUNCHER, state, since: new Date(Date.now() - AFTER_MS) }];
          review(incidents, { health, quarantine: [] }, AFTER_MS);
          if (fails) continue;
          for (
            const { incident, event } of dueOn(incidents, "mail", { ill: state === "ill" ? ALL : new Set() })
          ) {
            (event === "opened" ? incident.told : incident.toldOver).push("mail");
            sent.push(event);
          }
          review(incidents, { health, quarantine: [] }, AFTER_MS);
        }
        // Told and ended take turns.
        assert.deepEqual(sent, sent.map((_, n) => n % 2 === 0 ? "opened" : "closed"));
      },
    ),
    { numRuns: 200 },
  );
});
