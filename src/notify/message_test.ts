import assert from "node:assert/strict";
import type { Incident } from "./incident.ts";
import { messageOf } from "./message.ts";

const wording = { page: "http://127.0.0.1:8025/", root: "/srv/cold" };

function incidentOf(kind: Incident["kind"], reason: string): Incident {
  const since = Date.UTC(2026, 10, 26, 9, 5);
  return {
    id: "5d998aa8-0000-4000-8000-000000000000",
    key: `${kind}:factures`,
    kind,
    name: "factures",
    since,
    due: since,
    reason,
    entries: [],
    over: null,
    told: [],
    toldOver: [],
  };
}

Deno.test("messageOf() says why in the language chosen", () => {
  const cases = [
    [
      "launcher",
      'Cannot sign in to "imap.exemple.fr:993" as "ged@exemple.fr": the mailbox is busy or the server wants us to wait: "-ERR [IN-USE]"',
      "Impossible de s’identifier auprès de « imap.exemple.fr:993 » comme « ged@exemple.fr » : la boîte est occupée, ou le serveur demande d’attendre : « -ERR [IN-USE] »",
    ],
    [
      "service",
      'Cannot listen on "127.0.0.1:25": another program has it',
      "Impossible d’écouter sur « 127.0.0.1:25 » : un autre programme l’occupe",
    ],
    [
      "space",
      "600 MB of 1000 MB (max_size of [quarantine])",
      "600 Mo sur 1000 Mo (max_size de [quarantine])",
    ],
  ] as const;
  for (const [kind, english, french] of cases) {
    const incident = incidentOf(kind, english);
    assert.equal(messageOf(incident, "opened", { ...wording, lang: "en" }).lines[1], english);
    const line = messageOf(incident, "opened", { ...wording, lang: "fr" }).lines[1];
    assert.equal(line?.replaceAll("\u00a0", " "), french);
  }
});

Deno.test("messageOf() names no document, in French neither", () => {
  const incident = incidentOf(
    "launcher",
    'Cannot write "/srv/cold/factures/Divorce Dupont.pdf": the disk is full; free some space, nothing is lost meanwhile',
  );
  const { lines } = messageOf(incident, "opened", { ...wording, lang: "fr" });
  assert.equal(
    lines[1]?.replaceAll("\u00a0", " "),
    "Impossible d’écrire « /srv/cold/factures/… » : le disque est plein ; libérez de la place, rien n’est perdu entre-temps",
  );
  assert.ok(!lines.join().includes("Dupont"));
});
