/** Streams a file from disk, provided that it is the one that was seen. */
import { disk, fileCall } from "../disk.ts";
import { ItemError } from "../errors.ts";
import { fingerprintOf, type SeenFile } from "./folder_files.ts";
import { stateOf } from "./folder_place.ts";

const CHUNK_BYTES = 128 * 1024;

/**
 * Opens a file and streams it in pieces of at most 128 KiB. Throws `ItemError`, or errors the stream with one, when the
 * file cannot be read or is no longer the one that was seen; an abort closes it at once.
 */
export async function readFile(
  file: SeenFile,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  signal.throwIfAborted();
  const handle = await openSeen(file);
  let left = file.sizeBytes;
  let closed = false;
  function close(): void {
    if (closed) return;
    closed = true;
    signal.removeEventListener("abort", close);
    handle.close();
  }
  signal.addEventListener("abort", close);
  async function pull(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): Promise<void> {
    try {
      signal.throwIfAborted();
      const buffer = new Uint8Array(CHUNK_BYTES);
      const length = await fileCall(file.path, () => handle.read(buffer));
      left -= length ?? 0;
      if (left < 0 || (length === null && left > 0)) throw changed(file);
      if (length !== null) return controller.enqueue(buffer.subarray(0, length));
      close();
      controller.close();
    } catch (cause) {
      close();
      controller.error(signal.aborted ? signal.reason : asItemError(file, cause));
    }
  }
  return new ReadableStream({ pull, cancel: close }, { highWaterMark: 0 });
}

async function openSeen(file: SeenFile): Promise<Deno.FsFile> {
  let handle: Deno.FsFile | undefined;
  try {
    // Looked at before: opening a FIFO put in the file's place would wait for a writer.
    if (!(await disk.lstat(file.path)).isFile) throw changed(file);
    handle = await disk.open(file.path, { read: true });
    // And after: a link put there in between leads to another inode.
    const opened = handle;
    const info = await fileCall(file.path, () => opened.stat());
    if (!info.isFile || fingerprintOf(info) !== file.fingerprint) throw changed(file);
    return handle;
  } catch (cause) {
    handle?.close();
    throw asItemError(file, cause);
  }
}

function asItemError(file: SeenFile, cause: unknown): ItemError {
  if (cause instanceof ItemError) return cause;
  return new ItemError(`Cannot read "${file.path}": ${stateOf(cause)}`, { cause });
}

function changed(file: SeenFile): ItemError {
  return new ItemError(`Cannot read "${file.path}": it changed in the meantime`);
}
