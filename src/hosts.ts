/** What is known of a host by its name alone. */
import { isIP } from "node:net";

/** Whether everything sent there stays on this machine or network: loopback, private and link-local addresses. */
export function isPrivateHost(hostname: string): boolean {
  if (hostname === "localhost") return true;
  const address = hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(address) === 4) {
    return /^(?:127\.|10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.)/.test(address);
  }
  return isIP(address) === 6 && /^(?:::1$|f[cd]|fe[89ab])/i.test(address);
}
