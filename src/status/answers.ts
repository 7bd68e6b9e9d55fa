/** What `/api` answers with, as JSON. The OpenAPI document is made of this; a test holds real answers against it. */
import * as v from "valibot";
import { LAUNCHER_STATES, TUNNEL_STATES } from "./metrics.ts";
import { OUTCOMES } from "./parts.tsx";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const moment = v.pipe(v.string(), v.isoTimestamp());
const text = v.string();
const outcome = v.picklist(OUTCOMES);
const severity = v.picklist(["error", "warning", "info"]);

const outcomes = { delivered: count, skipped: count, quarantined: count, failed: count };
const skippedBy = v.pipe(
  v.record(v.string(), count),
  v.description("By option, such as filter.name, or documents: there was none to take."),
);
const polled = { at: moment, durationMs: v.number(), ...outcomes, known: count };

const launcher = v.strictObject({
  name: text,
  description: v.optional(text),
  protocol: text,
  target: text,
  enabled: v.boolean(),
  state: v.picklist(LAUNCHER_STATES),
  error: v.optional(v.strictObject({
    message: text,
    remedy: v.optional(text),
    since: moment,
    fault: v.optional(
      v.picklist([
        "unreachable",
        "busy",
        "tls",
        "refused",
        "credentials",
        "secret",
        "folder",
        "delivery",
        "destination",
        "silent",
        "configuration",
      ]),
    ),
  })),
  lastPoll: v.optional(v.strictObject(polled)),
  polledAt: v.optional(moment),
  nextPoll: v.optional(moment),
  lastSuccess: v.optional(moment),
  totals: v.pipe(v.strictObject(outcomes), v.description("Items in the ledger, by what has become of each.")),
  counters: v.optional(v.pipe(
    v.strictObject({
      ...outcomes,
      documents: count,
      skippedBy,
      polls: count,
      failedPolls: count,
      pollSeconds: v.number(),
    }),
    v.description("Since the launcher started."),
  )),
  activity: v.optional(v.pipe(
    v.strictObject({ hours: v.array(v.strictObject({ at: moment, ...outcomes })), skippedBy }),
    v.description("The last 24 hours."),
  )),
  waiting: v.optional(count),
  unfinished: v.optional(v.array(v.strictObject({ label: text, reason: text, since: moment }))),
  progress: v.optional(v.strictObject({
    done: count,
    of: v.optional(count),
    bytes: v.number(),
    label: v.optional(text),
    itemsPerSecond: v.optional(v.number()),
    bytesPerSecond: v.optional(v.number()),
  })),
  settings: v.optional(v.pipe(
    v.array(v.strictObject({ name: text, value: text })),
    v.description("Its configuration, secrets left out."),
  )),
});

const tunnel = v.strictObject({
  name: text,
  file: text,
  line: v.optional(count),
  client: v.boolean(),
  accept: v.array(text),
  connect: v.array(text),
  state: v.picklist(TUNNEL_STATES),
  error: v.optional(v.strictObject({ message: text, remedies: v.array(text) })),
  verification: v.strictObject({ on: v.boolean(), text }),
  counters: v.strictObject({
    connections: count,
    active: count,
    failed: count,
    refused: count,
    bytesIn: count,
    bytesOut: count,
  }),
  lastError: v.optional(v.strictObject({ message: text, remedy: v.optional(text), at: moment })),
  tls: v.optional(v.strictObject({
    version: v.optional(text),
    subject: v.optional(text),
    issuer: v.optional(text),
    validTo: v.optional(moment),
    fingerprint: v.optional(text),
  })),
  warnings: v.array(text),
});

const problem = v.strictObject({
  severity,
  file: text,
  line: v.optional(count),
  message: text,
  remedy: v.optional(text),
});

const readiness = { ready: v.boolean(), reasons: v.optional(v.array(text)) };

const headline = v.strictObject({
  ok: v.boolean(),
  severity: v.picklist(["ok", "error", "warning", "info"]),
  title: text,
  lines: v.array(v.strictObject({
    severity,
    text,
    detail: v.optional(text),
    remedy: v.optional(text),
    href: v.optional(text),
  })),
});

/** The answers by their names in the OpenAPI document. */
export const ANSWERS = {
  Readiness: v.strictObject(readiness),
  Status: v.strictObject({
    version: text,
    startedAt: moment,
    launchers: v.array(launcher),
    tunnels: v.array(tunnel),
    problems: v.array(problem),
    cold: v.strictObject({ root: text }),
    destinations: v.optional(v.array(v.strictObject({ name: text, target: text }))),
    quarantine: v.strictObject({ count, sizeBytes: v.optional(count), maxBytes: v.optional(count) }),
    silent: v.optional(v.array(v.strictObject({ channel: text, reason: text }))),
    stopping: v.optional(v.boolean()),
    ...readiness,
    headline,
  }),
  Launcher: v.strictObject({
    launcher,
    items: v.array(v.strictObject({
      id: text,
      key: text,
      label: text,
      title: v.optional(text),
      place: v.optional(text),
      outcome,
      reason: v.optional(text),
      at: moment,
      sizeBytes: v.optional(count),
      documents: v.array(text),
    })),
    polls: v.array(v.strictObject({ ...polled, error: v.optional(text), times: count })),
  }),
  Tunnel: v.strictObject({
    services: v.array(tunnel),
    connections: v.array(v.strictObject({
      at: moment,
      isBad: v.boolean(),
      message: text,
      client: v.optional(text),
      target: v.optional(text),
      tls: v.optional(text),
      bytesIn: v.optional(count),
      bytesOut: v.optional(count),
      durationMs: v.optional(v.number()),
    })),
  }),
  Quarantine: v.strictObject({
    quarantine: v.array(v.strictObject({
      id: text,
      launcher: text,
      scope: v.optional(text),
      key: v.optional(text),
      label: text,
      title: v.optional(text),
      kind: v.optional(v.picklist(["mail", "file", "envelope"])),
      original: v.optional(text),
      reason: text,
      at: moment,
      sizeBytes: count,
      attempts: count,
      isCut: v.optional(v.boolean()),
    })),
  }),
  Done: v.strictObject({
    ok: v.literal(true),
    launcher: v.optional(text),
    id: v.optional(text),
    action: v.picklist(["run", "pause", "resume", "retry", "drop", "redeliver"]),
  }),
  Fault: v.pipe(
    v.strictObject({ error: text }),
    v.description("A sentence for an administrator; in French when it is asked for with lang=fr."),
  ),
} as const;

/** The name of an answer. */
export type AnswerName = keyof typeof ANSWERS;
