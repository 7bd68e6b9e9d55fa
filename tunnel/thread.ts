/** A thread of the tunnel: opens the ports it is told to, and serves what connects. See `threads.ts`. */
import { Connections } from "./connections.ts";
import { type Listener, listenPlain } from "./listener.ts";
import { PlainSocket } from "./plain_socket.ts";
import { serveClient } from "./session.ts";
import { SharedCounters } from "./shared_counters.ts";
import type { News, Order } from "./threads.ts";

/** What a worker sees of its surroundings; the compiler knows those of a window alone. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<Order>) => void) | null;
  postMessage(news: readonly News[]): void;
}

interface Serving {
  readonly connections: Connections;
  readonly listener: Listener;
}

// Connections that last a millisecond would spend a good part of it on messages of their own.
const TELL_MS = 10;
const REACHED_AGAIN_MS = 60_000;
const untold: News[] = [];

const scope = globalThis as unknown as WorkerScope;
const serving = new Map<number, Promise<Serving | undefined>>();

scope.onmessage = ({ data }) => {
  if (data.order === "listen") serving.set(data.id, listen(data));
  else void obey(data);
};

async function listen(
  { id, service, address, memory, row, knocks, slot }: Extract<Order, { order: "listen" }>,
): Promise<Serving | undefined> {
  let reachedAtMs = -Infinity;
  const connections = new Connections({
    service,
    counters: new SharedCounters(memory),
    row,
    log: (entry) => tellSoon({ news: "log", id, entry }),
    onReached: () => {
      if (performance.now() - reachedAtMs < REACHED_AGAIN_MS) return;
      reachedAtMs = performance.now();
      tellSoon({ news: "reached", id });
    },
    onFailure: ({ kind, message, remedy }) =>
      tellSoon({ news: "failure", id, kind, message, ...(remedy === undefined ? {} : { remedy }) }),
  });
  try {
    const listener = await listenPlain(
      address,
      (socket) => connections.accept((context) => serveClient(new PlainSocket(socket), context)),
      { knocks: new Int32Array(knocks), slot },
    );
    tell({ news: "listening", id, port: Number(listener.address.replace(/.*:/, "")) });
    return { connections, listener };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    tell({
      news: "fault",
      id,
      code,
      message: error instanceof Error ? error.message : String(error),
    });
    return undefined;
  }
}

async function obey({ id, order }: Exclude<Order, { order: "listen" }>): Promise<void> {
  const served = await serving.get(id);
  if (served === undefined) return;
  const { connections, listener } = served;
  if (order === "check") listener.check();
  if (order === "cut") await connections.cut();
  if (order !== "close") return;
  await listener.close();
  tell({ news: "closed", id });
  await connections.idle();
  connections.probe.stop();
  serving.delete(id);
  tell({ news: "idle", id });
}

function tellSoon(news: News): void {
  untold.push(news);
  if (untold.length === 1) setTimeout(() => scope.postMessage(untold.splice(0)), TELL_MS);
}

/** At once, after what was to be told before. */
function tell(news: News): void {
  scope.postMessage([...untold.splice(0), news]);
}
