/** A gateway in every state at once, for the tests and for looking at the page. */
import type {
  ActionReport,
  Activity,
  ConnectionView,
  GatewayView,
  ItemRow,
  ItemsOptions,
  LauncherCounters,
  LauncherView,
  Original,
  OutcomeCounts,
  PollView,
  QuarantineRow,
  Snapshot,
  TunnelView,
} from "./view.ts";
import { PROBLEMS, reportedConnections, reportedItems, reportedPolls } from "./sample_reports.ts";

/** The moment the sample is seen at. */
export const SAMPLE_NOW = new Date("2026-03-09T09:30:00Z");

/** What a hostile mail would have the page run. */
export const HOSTILE = `<script>alert("l'été")</script>`;

const HOUR_MS = 3_600_000;
const NOTHING = { delivered: 0, skipped: 0, quarantined: 0, failed: 0 };

function ago(seconds: number): Date {
  return new Date(SAMPLE_NOW.getTime() - seconds * 1000);
}

/** Counters of a launcher that runs. */
function sampleCounters(counts: Partial<OutcomeCounts>): LauncherCounters {
  return {
    ...NOTHING,
    ...counts,
    documents: 141,
    skippedBy: { "filter.name": 12, "filter.max_size": 4, documents: 1 },
    polls: 570,
    failedPolls: 2,
    pollSeconds: 1340,
  };
}

/** A day with a working morning and afternoon; `seed` makes launchers differ. */
function sampleActivity(seed: number): Activity {
  const start = Math.floor(SAMPLE_NOW.getTime() / HOUR_MS) - 23;
  const hours = Array.from({ length: 24 }, (_, index) => {
    const hour = (start + index) % 24;
    const isBusy = hour >= 7 && hour < 19 && hour !== 12;
    const delivered = isBusy ? 2 + (hour * 7 + seed * 5) % 11 : 0;
    const at = new Date((start + index) * HOUR_MS);
    return {
      ...NOTHING,
      at,
      delivered,
      skipped: isBusy ? (hour + seed) % 4 : 0,
      failed: hour === 15 ? 1 : 0,
    };
  });
  return { hours, skippedBy: { "filter.name": 12, "filter.max_size": 4, documents: 1 } };
}

/** A launcher that is well, unless told otherwise. */
export function sampleLauncher(name: string, changes: Partial<LauncherView> = {}): LauncherView {
  return {
    name,
    protocol: "imap",
    target: "imap imap.exemple.fr, INBOX",
    enabled: true,
    state: "idle",
    lastPoll: { at: ago(130), durationMs: 2400, ...NOTHING, delivered: 3, skipped: 1, known: 40 },
    lastSuccess: ago(130),
    nextPoll: ago(-470),
    totals: { ...NOTHING, delivered: 128, skipped: 17 },
    polledAt: ago(130),
    waiting: 0,
    counters: sampleCounters({ delivered: 128, skipped: 17 }),
    activity: sampleActivity(name.length),
    ...changes,
  };
}

/** A service that is well, unless told otherwise. */
export function sampleTunnel(name: string, changes: Partial<TunnelView> = {}): TunnelView {
  return {
    name,
    file: "launchers.d/gmail.conf",
    line: 4,
    client: true,
    accept: ["127.0.0.1:1110"],
    connect: ["pop.gmail.com:995"],
    state: "listening",
    verification: { on: true, text: "pop.gmail.com" },
    counters: {
      connections: 312,
      active: 1,
      failed: 0,
      refused: 0,
      bytesIn: 84_200,
      bytesOut: 1_730_000_000,
    },
    tls: {
      version: "TLSv1.3",
      subject: "CN=pop.gmail.com",
      issuer: "CN=WR2, O=Google Trust Services",
      validTo: new Date("2026-05-20T00:00:00Z"),
      fingerprint: "5D:1C:9A:00:FF",
    },
    warnings: [],
    ...changes,
  };
}

/** A snapshot with nothing wrong in it, unless told otherwise. */
export function sampleSnapshot(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    version: "0.1.0",
    startedAt: ago(4 * 86_400 + 3600),
    launchers: [sampleLauncher("factures"), sampleLauncher("courrier")],
    tunnels: [sampleTunnel("gmail-pop3")],
    problems: [],
    cold: { root: "/srv/lanceur/var/cold" },
    quarantine: { count: 0 },
    ...changes,
  };
}

/** A snapshot with something of everything. */
export function mixedSnapshot(): Snapshot {
  return sampleSnapshot({
    launchers: [
      sampleLauncher("factures", {
        description: "Factures reçues par courriel",
        target: "pop3 via gmail-pop3",
        settings: [
          { name: "schedule", value: "*/10 * * * *" },
          { name: "listen.account", value: "ged@exemple.fr" },
          { name: "filter.name", value: "/.*\\.(?!db).*/" },
          { name: "deliver.cold", value: "factures" },
        ],
      }),
      sampleLauncher("actes", {
        description: "Enveloppes de la préfecture",
        protocol: "adullact",
        target: "folder var/adullact",
        state: "polling",
        progress: {
          done: 412,
          of: 2000,
          bytes: 1_240_000_000,
          itemsPerSecond: 8.2,
          bytesPerSecond: 24_600_000,
          label: "abc-TACT--210700015--1.tar.gz",
        },
        waiting: 1588,
        nextPoll: undefined,
        totals: { ...NOTHING, delivered: 5210, quarantined: 2, failed: 1 },
      }),
      sampleLauncher("inbox", {
        description: "Dossier surveillé",
        protocol: "folder",
        target: "folder var/inbox",
        state: "waiting",
        lastPoll: { at: ago(4), durationMs: 12, ...NOTHING, known: 8 },
        nextPoll: undefined,
      }),
      sampleLauncher("mairie", {
        target: "imap ssl0.ovh.net, INBOX",
        state: "locked",
        error: {
          message: "Cannot sign in: the password was refused 3 times in a row",
          since: ago(7300),
          fault: "credentials",
        },
        lastPoll: { at: ago(7300), durationMs: 900, ...NOTHING, known: 0 },
        nextPoll: undefined,
        totals: { ...NOTHING, delivered: 12 },
      }),
      sampleLauncher("chorus", {
        description: "Portail des factures publiques",
        target: "imap imap.exemple.fr, Chorus",
        state: "error",
        error: {
          message:
            'Cannot connect to "imap.exemple.fr:993": no answer within 20 s; check the name, the port and the firewall',
          since: ago(1900),
          fault: "unreachable",
        },
      }),
      sampleLauncher("archives", { state: "paused", nextPoll: undefined }),
      sampleLauncher("gmail", {
        enabled: false,
        state: "disabled",
        lastPoll: undefined,
        polledAt: undefined,
        lastSuccess: undefined,
        nextPoll: undefined,
        totals: NOTHING,
        counters: undefined,
        activity: undefined,
      }),
    ],
    tunnels: [
      sampleTunnel("gmail-pop3"),
      sampleTunnel("gmail-smtp", {
        line: 15,
        accept: ["127.0.0.1:25"],
        connect: ["smtp.gmail.com:465"],
        state: "error",
        error: {
          message:
            'Cannot listen on "127.0.0.1:25": ports under 1024 need a right this process does not have',
          remedies: [
            "Give the right to Deno: setcap cap_net_bind_service=+ep $(readlink -f $(which deno))",
            "Use another port, here and in the mail program: accept = 127.0.0.1:1025",
          ],
        },
        counters: { connections: 0, active: 0, failed: 0, refused: 0, bytesIn: 0, bytesOut: 0 },
        tls: undefined,
        warnings: ["The former certificate stays in use: certificate 2 in it is damaged"],
      }),
      sampleTunnel("ancien", {
        line: 30,
        accept: ["127.0.0.1:1143"],
        connect: ["10.0.0.7:993"],
        verification: { on: false, text: "verify = no" },
        counters: { connections: 9, active: 0, failed: 2, refused: 1, bytesIn: 900, bytesOut: 12_345 },
        lastError: {
          message: 'Cannot connect to "10.0.0.7:993": nothing listens there',
          remedy: "Check host and port, and whether the server runs",
          at: ago(300),
        },
      }),
    ],
    problems: PROBLEMS,
    quarantine: { count: 2 },
  });
}

/** A gateway whose state the test sets, and which notes what it was asked to do. */
export class SampleView implements GatewayView {
  current: Snapshot;
  readonly asked: string[] = [];
  /** Set to make every request fail with that message. */
  refusal: string | undefined;
  readonly #listeners = new Set<() => void>();

  constructor(snapshot: Snapshot = mixedSnapshot()) {
    this.current = snapshot;
  }

  /** How many listen for changes. */
  get listeners(): number {
    return this.#listeners.size;
  }

  snapshot(): Snapshot {
    return this.current;
  }

  items(launcher: string, { limit, outcome, after }: ItemsOptions): readonly ItemRow[] {
    const rows: ItemRow[] = [
      {
        id: "0a1b2c3d4e5f60718293a4b5",
        key: "1710000000:17",
        label: "INBOX UID 17",
        title: HOSTILE,
        outcome: "delivered",
        at: ago(130),
        sizeBytes: 182_000,
        documents: ["/srv/lanceur/var/cold/factures/Facture n°12 (été).pdf"],
      },
      {
        id: "0a1b2c3d4e5f60718293a4b6",
        key: "1710000000:16",
        label: "INBOX UID 16",
        title: "Re: vos photos",
        outcome: "skipped",
        reason: 'filter.name[1]: "Thumbs.db" does not match /.*\\.(?!db).*/',
        at: ago(131),
        documents: [],
      },
    ];
    if (launcher === "actes") rows.push(...reportedItems(ago(200)));
    const start = rows.findIndex(({ id }) => id === after) + 1;
    return rows.slice(start).filter((row) => outcome === undefined || row.outcome === outcome).slice(
      0,
      limit,
    );
  }

  polls(launcher: string): readonly PollView[] {
    if (launcher === "actes") return reportedPolls(ago(900));
    return [
      { at: ago(130), durationMs: 2400, ...NOTHING, delivered: 3, skipped: 1, known: 40, times: 1 },
      { at: ago(730), durationMs: 310, ...NOTHING, known: 40, times: 17 },
      { at: ago(11_000), durationMs: 20_010, ...NOTHING, known: 0, times: 2, error: HOSTILE },
    ];
  }

  connections(service: string): readonly ConnectionView[] {
    const client = "127.0.0.1:51724";
    if (service === "ancien") return reportedConnections(ago(60));
    const target = "pop.gmail.com:995";
    return [
      {
        at: ago(60),
        isBad: false,
        message: "done",
        client,
        target,
        bytesIn: 312,
        bytesOut: 1_482_000,
        durationMs: 2310,
      },
      { at: ago(3700), isBad: true, message: HOSTILE, client },
    ];
  }

  original(quarantineId: string): Promise<Original | undefined> {
    if (!this.quarantine().some(({ id }) => id === quarantineId)) return Promise.resolve(undefined);
    const bytes = new TextEncoder().encode(HOSTILE);
    const name = 'été "1".html';
    return Promise.resolve({ name, sizeBytes: bytes.length, content: ReadableStream.from([bytes]) });
  }

  quarantine(): readonly QuarantineRow[] {
    return [
      {
        id: "20260309-1",
        launcher: "factures",
        label: HOSTILE,
        reason: "Cannot take the mail apart: it ends before its end boundary",
        at: ago(9000),
        sizeBytes: 5_300_000,
        attempts: 5,
      },
      {
        id: "20260309-2",
        launcher: "actes",
        label: "abc.tar.gz",
        reason: 'Cannot open "abc.tar.gz": Cannot unpack a gzip file: it is damaged or cut short',
        at: ago(90_000),
        sizeBytes: 700,
        attempts: 1,
      },
    ];
  }

  run(launcher: string): Promise<ActionReport | void> {
    return this.#note(`run ${launcher}`);
  }

  pause(launcher: string): void {
    this.asked.push(`pause ${launcher}`);
  }

  resume(launcher: string): void {
    this.asked.push(`resume ${launcher}`);
  }

  drop(quarantineId: string): Promise<void> {
    return this.#note(`drop ${quarantineId}`);
  }

  redeliver(id: string): Promise<ActionReport | void> {
    return this.#note(`redeliver ${id}`);
  }

  retry(quarantineId: string): Promise<ActionReport | void> {
    return this.#note(`retry ${quarantineId}`);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Shows another state and tells the listeners. */
  change(snapshot: Snapshot = this.current): void {
    this.current = snapshot;
    for (const listener of this.#listeners) listener();
  }

  #note(request: string): Promise<void> {
    this.asked.push(request);
    return this.refusal === undefined ? Promise.resolve() : Promise.reject(new Error(this.refusal));
  }
}
