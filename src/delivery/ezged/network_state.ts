/** Says in words why an EzGED cannot be reached, and what an administrator can do about it. */
import { errorText } from "../../errors.ts";

const STATES: readonly [RegExp, (hostname: string) => string][] = [
  [/ECONNREFUSED/, () => "the connection was refused; check the address, and that the server is running"],
  [
    /ENOTFOUND|EAI_AGAIN|failed to lookup address/,
    (hostname) => `the name "${hostname}" is not known; check its spelling, and this machine's DNS`,
  ],
  [/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/, () => "no way there; check the address, and the firewall"],
  [
    /ECONNRESET|EPIPE|socket hang up|aborted|premature close/i,
    () => "the connection was broken off by the other side",
  ],
  [/CERT_HAS_EXPIRED/, () => "its certificate has expired; the server's administrator has to renew it"],
  [/CERT_NOT_YET_VALID/, () => "its certificate is not valid yet; check this machine's clock"],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID/,
    (hostname) => `its certificate is not for "${hostname}"; use a name that the certificate has`,
  ],
  [
    /UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|SELF_SIGNED|UnknownIssuer/i,
    () =>
      "its certificate is signed by an authority that is not known here; give the certificate of that authority as ca_file",
  ],
  [
    /WRONG_VERSION_NUMBER|InvalidContentType/,
    () => "the server does not speak TLS on this port; check the address",
  ],
];

/** The state that a failed connection means. */
export function networkState(cause: unknown, hostname: string): string {
  const text = errorText(cause);
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const known = STATES.find(([pattern]) => pattern.test(code)) ??
    STATES.find(([pattern]) => pattern.test(text));
  return known ? known[1](hostname) : text;
}
