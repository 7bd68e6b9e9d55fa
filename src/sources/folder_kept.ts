/** Originals where `after = { move = … }` has put them: found again by what does not change when a file is moved. */
import { join } from "node:path";
import { listFiles, seeFile, type SeenFile } from "./folder_files.ts";

/**
 * The file that was taken under this key and moved below `target` since, with the name it had; `undefined` when none there is it for certain.
 * A rename keeps size, time and inode; a copy to another volume keeps size, time and name.
 */
export async function keptFile(
  target: string,
  key: string,
  signal: AbortSignal,
): Promise<SeenFile | undefined> {
  const [, name = "", size = "", time = "", inode = ""] = /^(.*)\|(\d+)\|(\d+)\|(\d*)/s.exec(key) ?? [];
  if (name === "") return undefined;
  const isSame = ({ sizeBytes, modified }: SeenFile) =>
    `${sizeBytes}|${modified.getTime()}` === `${size}|${time}`;
  const first = await seeFile(target, name).catch(() => undefined);
  if (first && isSame(first)) return first;
  const below = name.slice(0, name.lastIndexOf("/") + 1);
  // Where the name was taken, it got a number.
  const { files } = await listFiles(join(target, below), { recursive: false, accepts: () => true, signal });
  const found = files.find((file) => isSame(file) && inode !== "" && file.fingerprint.endsWith(`|${inode}`));
  return found && { ...found, name };
}
