/** Addresses within the page. */

/** The page of a launcher. */
export function launcherPath(name: string): string {
  return `/launchers/${encodeURIComponent(name)}`;
}

/** The page of a tunnel service. */
export function tunnelPath(name: string): string {
  return `/tunnels/${encodeURIComponent(name)}`;
}

/** What is done with an item in quarantine. */
export function quarantinePath(id: string): string {
  return `/api/quarantine/${encodeURIComponent(id)}`;
}

/** Where to go back to after a form: only pages of ours, so that a link elsewhere cannot use us as a springboard. */
export function safeBack(path: unknown, otherwise: string): string {
  if (typeof path !== "string") return otherwise;
  return /^\/(?:(?:launchers|tunnels)\/[\w.~!'()*%-]+|quarantine)?$/.test(path) ? path : otherwise;
}
