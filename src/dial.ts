/** How the rest of the gateway uses the tunnel inside this process. */
import { type Tunnel, TunnelError, type TunnelLogEntry } from "../tunnel/mod.ts";
import { SourceError, type SourceFault } from "./errors.ts";
import { logOf } from "./log.ts";
import type { Connection } from "./sources/source.ts";

/** Connects through a service inside this process, for a source. */
export async function dialService(tunnel: Tunnel, name: string, signal: AbortSignal): Promise<Connection> {
  const service = tunnel.service(name);
  if (!service) {
    throw new SourceError("refused", `Cannot connect through "${name}": there is no such tunnel service`);
  }
  try {
    return await service.dial(signal);
  } catch (cause) {
    if (!(cause instanceof TunnelError)) throw cause;
    const text = cause.remedy ? `${cause.message}; ${cause.remedy}` : cause.message;
    throw new SourceError(faultOf(cause), `Cannot connect through tunnel service "${name}": ${text}`, {
      cause,
    });
  }
}

function faultOf({ kind }: TunnelError): SourceFault {
  return /^(?:certificate.*|plain-text|too-old|tls|starttls|configuration)$/.test(kind)
    ? "tls"
    : "unreachable";
}

/** Hands the tunnel's log lines to the gateway's. */
export function logTunnel({ level, message, properties: { remedies, ...facts } }: TunnelLogEntry): void {
  const remedy = Array.isArray(remedies) ? remedies.join("; or: ") : undefined;
  logOf("tunnel")[level](message, { ...facts, remedy });
}
