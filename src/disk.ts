/**
 * File calls on places that may be network shares. Deno runs the file calls and name lookups of a whole process on few
 * threads; a share that hangs would take them all, and tunnels, page and every other launcher with it. So a place has
 * some of them at most and leaves some to others, all places together leave some free, and a place that does not answer
 * is told.
 */
import { dirname, sep } from "node:path";

/** Deno's limit, of its event loop's pool: 32, on Windows four for each processor. */
const THREADS = Deno.build.os === "windows" ? 4 * navigator.hardwareConcurrency : 32;
const CHUNK_BYTES = 128 * 1024;
const MAX_CALLS = Math.floor(THREADS * 3 / 4);

/** A place of which a call has had no answer for some time. */
export interface SilentPlace {
  /** Its folder; of a call in no place that was named, what it was for. */
  readonly path: string;
  /** How long the oldest call has been waiting for its answer, in milliseconds. */
  readonly silentMs: number;
}

interface Call {
  readonly path: string;
  since: number;
}

class Place {
  /** The oldest first. */
  readonly running = new Set<Call>();
  readonly waiting: { readonly call: Call; readonly start: () => void }[] = [];
  /** How many calls are under way where it lies: one count for all places of a device. */
  turns = { taken: 0 };

  constructor(readonly path: string) {}

  isOn(device: number): void {
    const turns = turnsOfDevices.get(device) ?? { taken: 0 };
    turnsOfDevices.set(device, turns);
    if (turns === this.turns) return;
    this.turns.taken -= this.running.size;
    this.turns = turns;
    turns.taken += this.running.size;
  }
}

const turnsOfDevices = new Map<number, Place["turns"]>();
// What lies in no place that was named has one in common.
const elsewhere = new Place("");
const places: Place[] = [elsewhere];
const placesByPath = new Map<string, Place>();
/** In which place a folder lies: asked at every call, and fifty launchers have a hundred places. */
const placesOfFolders = new Map<string, Place>();
const MAX_FOLDERS = 1000;
let running = 0;
let nextPlace = 0;
/** Looks that have had no answer yet. */
const looks = new Map<string, Promise<Deno.FileInfo>>();

/**
 * Names a folder whose files answer, or hang, together, and the device that it lies on (`FileInfo.dev`) once that is
 * known: all places of one device have the turns of one. Can be repeated.
 */
export function addPlace(path: string, device?: number): void {
  let place = placesByPath.get(path);
  if (place === undefined) {
    places.push(place = new Place(path));
    placesByPath.set(path, place);
    placesOfFolders.clear();
    // The innermost is found first.
    places.sort((a, b) => b.path.length - a.path.length);
  }
  // 0: a system that does not tell.
  if (device) place.isOn(device);
}

/** Makes a file call when it is its place's turn. Rejects as the call does; never for having waited. */
export async function fileCall<Result>(path: string, call: () => Promise<Result>): Promise<Result> {
  const place = placeOf(path);
  const one: Call = { path, since: 0 };
  if (hasTurn(place)) begin(place, one);
  else await new Promise<void>((start) => place.waiting.push({ call: one, start }));
  try {
    return await call();
  } finally {
    place.running.delete(one);
    place.turns.taken--;
    running--;
    beginWaiting();
  }
}

/**
 * Looks at what may not answer: rejects with `Deno.errors.TimedOut` after `ms`. The look itself goes on, and is waited for
 * by who asks again: none but one has no answer. `look` is for tests.
 */
export async function statWithin(
  ms: number,
  path: string,
  look: (path: string) => Promise<Deno.FileInfo> = Deno.stat,
): Promise<Deno.FileInfo> {
  let looking = looks.get(path);
  if (looking === undefined) {
    looking = fileCall(path, () => look(path)).finally(() => looks.delete(path));
    looks.set(path, looking);
  }
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Deno.errors.TimedOut("it does not answer")), ms);
  try {
    return await Promise.race([looking, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The places that have left a call without an answer for that long, in milliseconds. */
export function silentPlaces(afterMs: number): readonly SilentPlace[] {
  const now = performance.now();
  return places.flatMap(({ path, running: [oldest] }) => {
    if (oldest === undefined || now - oldest.since < afterMs) return [];
    return [{ path: path || oldest.path, silentMs: now - oldest.since }];
  });
}

/** The file calls of `Deno` of the same names, in their place's turn. */
export const disk = {
  open: (path: string, options?: Deno.OpenOptions) => fileCall(path, () => Deno.open(path, options)),
  stat: (path: string) => fileCall(path, () => Deno.stat(path)),
  lstat: (path: string) => fileCall(path, () => Deno.lstat(path)),
  mkdir: (path: string, options?: Deno.MkdirOptions) => fileCall(path, () => Deno.mkdir(path, options)),
  rename: (from: string, to: string) => fileCall(from, () => Deno.rename(from, to)),
  remove: (path: string, options?: Deno.RemoveOptions) => fileCall(path, () => Deno.remove(path, options)),
  copyFile: (from: string, to: string) => fileCall(from, () => Deno.copyFile(from, to)),
  utime: (path: string, accessed: Date, modified: Date) =>
    fileCall(path, () => Deno.utime(path, accessed, modified)),
  chunks: readInTurns,
  async *readDir(path: string): AsyncGenerator<Deno.DirEntry, void> {
    const entries = Deno.readDir(path)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await fileCall(path, () => entries.next());
        if (done) return;
        yield value;
      }
    } finally {
      await entries.return?.();
    }
  },
};

/** The content of a file in pieces, each read in its turn: `FsFile.readable` would read whenever it can. */
async function* readInTurns(path: string): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  using file = await fileCall(path, () => Deno.open(path));
  for (;;) {
    const buffer = new Uint8Array(CHUNK_BYTES);
    const length = await fileCall(path, () => file.read(buffer));
    if (length === null) return;
    yield buffer.subarray(0, length);
  }
}

function placeOf(path: string): Place {
  return placesByPath.get(path) ?? placeOfFolder(dirname(path));
}

function placeOfFolder(folder: string): Place {
  const known = placesOfFolders.get(folder);
  if (known !== undefined) return known;
  const place = places.find((place) => isWithin(folder, place.path)) ?? elsewhere;
  if (placesOfFolders.size >= MAX_FOLDERS) placesOfFolders.clear();
  placesOfFolders.set(folder, place);
  return place;
}

function isWithin(path: string, folder: string): boolean {
  return path.startsWith(folder) &&
    (path.length === folder.length || folder === "" || folder.endsWith(sep) || path[folder.length] === sep ||
      path[folder.length] === "/");
}

/** A place may have half of what others leave: what hangs, be it several shares, leaves a turn to the next. */
function hasTurn({ turns: { taken } }: Place): boolean {
  return taken < (MAX_CALLS - (running - taken)) / 2;
}

function begin(place: Place, call: Call): void {
  running++;
  place.turns.taken++;
  call.since = performance.now();
  place.running.add(call);
}

/** Begins what has a turn now, of one place after the other, so that none waits for a busier one. */
function beginWaiting(): void {
  for (let passed = 0; passed < places.length; passed++) {
    const place = places[nextPlace++ % places.length];
    const next = place?.waiting[0];
    if (place === undefined || next === undefined || !hasTurn(place)) continue;
    place.waiting.shift();
    begin(place, next.call);
    next.start();
    passed = -1;
  }
}
