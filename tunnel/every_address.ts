/** `accept = PORT` of a server section: every address of this machine, IPv4 and, where there is any, IPv6. */
import { formatAddress } from "./stunnel_values.ts";
import type { Address } from "./types.ts";

/** The addresses, `::` before the rest: on most systems its socket takes IPv4 too. */
export function inOpeningOrder(addresses: Iterable<Address>): Address[] {
  const isFirst = (address: Address) => "host" in address && address.host === "::";
  const all = [...addresses];
  return [...all.filter(isFirst), ...all.filter((address) => !isFirst(address))];
}

/**
 * Whether an address that could not be opened is missed by nobody: 0.0.0.0 when the open `::` serves IPv4 too, or `::`
 * beside 0.0.0.0 on a machine without IPv6.
 */
export function isStoodFor(
  address: Address,
  { error, accept, open }: {
    readonly error: unknown;
    readonly accept: readonly Address[];
    /** As `formatAddress` writes them. */
    readonly open: readonly string[];
  },
): boolean {
  if (!("host" in address) || !(error instanceof Error) || !("code" in error)) return false;
  const { host, port } = address;
  if (host === "0.0.0.0") {
    return error.code === "EADDRINUSE" && open.includes(formatAddress({ host: "::", port }));
  }
  if (host !== "::" || (error.code !== "EAFNOSUPPORT" && error.code !== "EADDRNOTAVAIL")) return false;
  return accept.some((other) => "host" in other && other.host === "0.0.0.0" && other.port === port);
}
