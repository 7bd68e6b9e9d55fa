/** Why a local address cannot be opened, and the ways to mend it. */
import { formatAddress } from "./stunnel_values.ts";
import type { Address } from "./types.ts";

/** A sentence and the ways out, the simplest first. */
export interface PortError {
  readonly message: string;
  readonly remedies: readonly string[];
}

const OFFERED_PORTS = new Map([[25, 1025], [110, 1110], [143, 1143], [465, 1465], [587, 1587], [993, 1993], [
  995,
  1995,
]]);

/** Explains what listening on the address has thrown. */
export function explainPort(error: unknown, address: Address): PortError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const say = (state: string, remedies: string[]) => ({
    message: `Cannot listen on "${formatAddress(address)}": ${state}`,
    remedies,
  });
  if (code === "EADDRINUSE") {
    const find = "port" in address ? `ss -ltnp 'sport = :${address.port}'` : `ss -lxp | grep ${address.path}`;
    return say("another program has it", [
      `Find the program with ${find}, and stop it if it is an old stunnel; this is tried again every few seconds`,
      ...otherPort(address),
    ]);
  }
  if (code === "EACCES" || code === "EPERM") {
    if ("path" in address) {
      return say("no right to make this socket", ["Choose a folder this user may write to"]);
    }
    if (address.port >= 1024) {
      return say("the system forbids it", ["Check the firewall and the permissions of this process"]);
    }
    return say(`ports under 1024 need a right this process does not have`, [
      ...otherPort(address),
      `Lower the limit for all programs: sysctl -w net.ipv4.ip_unprivileged_port_start=${address.port}`,
      `Give the right to Deno: setcap cap_net_bind_service=+ep ${
        Deno.build.os === "linux" ? "$(readlink -f $(which deno))" : "deno"
      }`,
      "Under systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE",
    ]);
  }
  if (code === "ENOENT" && "path" in address) {
    return say("its folder does not exist", ["Make the folder, or choose another one"]);
  }
  if (code === "ENOTFOUND" || code === "EAI_AGAIN" || /lookup address information/.test(String(error))) {
    return say("the name cannot be looked up", ["Write the address in numbers, such as 127.0.0.1"]);
  }
  // node:net on Deno 2.9 calls it EINVAL.
  if (code === "EADDRNOTAVAIL" || code === "EINVAL" && "port" in address) {
    return say("this machine does not have that address", [
      "Check the address; when its network comes up later, this is tried again every few seconds",
    ]);
  }
  if (error instanceof Deno.errors.NotCapable) {
    const flag = "path" in address ? "--allow-read and --allow-write" : "--allow-net";
    return say("this process has no permission for it", [`Widen ${flag} to ${formatAddress(address)}`]);
  }
  return say(error instanceof Error ? error.message : String(error), []);
}

function otherPort(address: Address): string[] {
  if (!("port" in address)) return [];
  const offered = OFFERED_PORTS.get(address.port) ??
    (address.port < 1024 ? 10_000 + address.port : undefined);
  if (offered === undefined) return [];
  return [
    `Use another port, here and in the mail program: accept = ${
      formatAddress({ ...address, port: offered })
    }`,
  ];
}
