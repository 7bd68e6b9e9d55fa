/** What may leave the gateway of an error: loaded by every poll, unlike the messages themselves. */

/** A document's name may come from a mail: of its path, the folder says enough. */
export function withoutNames(reason: string, root: string): string {
  return reason.replaceAll(/"([^"]*)"/g, (quoted, path: string) => {
    if (!path.startsWith(root)) return quoted;
    const below = path.slice(root.length).split(/[/\\]/);
    return below.length > 2 ? `"${root}/${below[1]}/…"` : quoted;
  });
}
