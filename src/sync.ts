/** Makes what was written last through a power cut. */

import { disk, fileCall } from "./disk.ts";
/** EINVAL, ENOSYS, EOPNOTSUPP: the file system has no such operation for directories. */
const UNSUPPORTED = /\(os error (?:22|38|95)\)/;

/**
 * Syncs a file, or a directory and with it the names in it. Where directories cannot be synced (Windows does not open
 * them, some network shares refuse) nothing more can be done and nothing is.
 */
export async function syncPath(path: string): Promise<void> {
  try {
    // FlushFileBuffers wants a handle that may write; Linux opens no directory so.
    using file = await disk.open(path, { read: true, write: Deno.build.os === "windows" });
    await fileCall(path, () => file.sync());
  } catch (error) {
    if (!isUnsupported(error) || !(await disk.stat(path)).isDirectory) throw error;
  }
}

function isUnsupported(error: unknown): boolean {
  if (Deno.build.os === "windows") return !(error instanceof Deno.errors.NotFound);
  return error instanceof Error && UNSUPPORTED.test(error.message);
}
