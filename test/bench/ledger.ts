/**
 * A ledger of a million items: how large its file is, how long a poll of 10 000 known items takes, the page's counts,
 * and forgetting. The keys, names and paths are as long as real ones.
 */
import { Ledger, type PendingItem } from "../../src/ledger.ts";
import { TempFolder } from "../servers/temp_folder.ts";
import { writeLine } from "./table.ts";

const ITEMS = 1_000_000;
const POLLED = 10_000;
const BATCH = 1000;
const COLD = "/nchp/var/spool/ezged/instance/ocr/wait";

/** One launcher's way of naming things. */
interface Sample {
  readonly launcher: string;
  readonly share: number;
  item(number: number): PendingItem;
}

const SAMPLES: readonly Sample[] = [
  {
    launcher: "factures",
    share: 0.5,
    item: (n) => ({
      key: `factures@mairie-exemple.fr@imap.exemple.fr/INBOX/1700000000/${n}`,
      label: `INBOX UID ${n}`,
      digest: digestOf(n),
      documents: [documentOf("factures", `Facture FA2026-${n}.pdf`, n)],
    }),
  },
  {
    launcher: "courrier",
    share: 0.25,
    item: (n) => ({
      key: `courrier@mairie-exemple.fr@pop.exemple.fr/uidl/GmailId${
        (n * 7919).toString(16).padStart(16, "0")
      }`,
      label: `UIDL GmailId${(n * 7919).toString(16).padStart(16, "0")}`,
      digest: digestOf(-n),
      documents: [documentOf("courrier", `Courrier arrivé ${n}.pdf`, n)],
    }),
  },
  {
    launcher: "scans",
    share: 0.25,
    item: (n) => ({
      key: `SCN_${n}.pdf|${100_000 + n}|${1_790_000_000_000 + n}|${20_000_000 + n}`,
      label: `SCN_${n}.pdf`,
      documents: [documentOf("scans", `SCN_${n}.pdf`, n)],
    }),
  },
];

function digestOf(number: number): string {
  const [a = 0, b = 0] = [
    Math.imul(number, 2654435761) >>> 0,
    Math.imul(number ^ 0x5bd1e995, 1540483477) >>> 0,
  ];
  return [a, b, ~a >>> 0, ~b >>> 0].map((part) => part.toString(16).padStart(8, "0")).join("");
}

function documentOf(cold: string, name: string, number: number): PendingItem["documents"][number] {
  return {
    staged: `${COLD}/.lanceur/0a1b2c3d-${number.toString(36)}-${(number * 31).toString(36)}-0`,
    target: `${COLD}/${cold}/${name}`,
    sizeBytes: 100_000 + number,
  };
}

/** Fills a ledger and prints what it costs. */
export async function benchLedger(): Promise<void> {
  await using folder = await TempFolder.make();
  const path = folder.at("ledger.sqlite");
  using ledger = Ledger.open(path);
  const filled = timed(() => fill(ledger));
  writeLine(`${ITEMS} items delivered and settled in ${filled.toFixed(0)} s`);
  writeLine(`file                         ${(await sizeOf(path) / 1e6).toFixed(0)} MB`);
  const [sample] = SAMPLES;
  if (!sample) return;
  const middle = Math.floor(ITEMS * sample.share / 2);
  for (const [what, from] of [["known", middle], ["new", ITEMS]] as const) {
    const keys = Array.from({ length: POLLED }, (_, n) => sample.item(from + n).key);
    const took = timed(() => {
      for (let at = 0; at < POLLED; at += BATCH) ledger.lookup(sample.launcher, keys.slice(at, at + BATCH));
    });
    writeLine(`poll of ${POLLED} ${what} items`.padEnd(29) + `${(took * 1000).toFixed(0)} ms`);
  }
  const found = Array.from({ length: POLLED }, (_, n) => sample.item(middle + n).key);
  const row = (what: string, seconds: number) =>
    writeLine(what.padEnd(29) + `${(seconds * 1000).toFixed(0)} ms`);
  row("marked as seen, once a day", timed(() => ledger.see(sample.launcher, found)));
  row(`${POLLED} items forgotten`, timed(() => ledger.forget(sample.launcher, found)));
  writeLine(
    `counts of the page           ${(timed(() => ledger.totals(sample.launcher)) * 1000).toFixed(1)} ms`,
  );
  writeLine(
    `last 50 items of the page    ${(timed(() => ledger.recent(sample.launcher, 50)) * 1000).toFixed(1)} ms`,
  );
}

function fill(ledger: Ledger): void {
  for (const { launcher, share, item } of SAMPLES) {
    for (let from = 0; from < ITEMS * share; from += BATCH) {
      const items = Array.from({ length: BATCH }, (_, n) => item(from + n));
      const keys = items.map(({ key }) => key);
      ledger.pend(launcher, items);
      ledger.deliver(launcher, keys);
      ledger.settle(launcher, keys);
    }
  }
}

function timed(work: () => unknown): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

async function sizeOf(path: string): Promise<number> {
  const sizes = [path, `${path}-wal`].map((one) => Deno.stat(one).then(({ size }) => size, () => 0));
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
