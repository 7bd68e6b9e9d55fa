// deno-lint-ignore-file jsx-key -- written once on the server, never compared with an earlier tree
/** The tunnel services of the first page, and what the page of one shares with it. */
import { formatBytes } from "./format.ts";
import { CERTIFICATE_NOTICE_DAYS, daysLeft, shortPath } from "./headline.ts";
import type { PageContext } from "./layout.tsx";
import { Badge, Cell, Count, Head, Moment, Reported, TunnelBadge } from "./parts.tsx";
import { tunnelPath } from "./paths.ts";
import type { TunnelView } from "./view.ts";

/** A row for each service. */
export function Tunnels({ tunnels, page }: { tunnels: readonly TunnelView[]; page: PageContext }) {
  const { texts } = page;
  return (
    <table class="cards">
      <Head
        columns={[
          texts.service,
          texts.state,
          texts.acceptConnect,
          texts.verification,
          "TLS",
          texts.connections,
          texts.traffic,
        ]}
      />
      <tbody>{tunnels.map((tunnel) => <TunnelRow tunnel={tunnel} page={page} />)}</tbody>
    </table>
  );
}

function TunnelRow({ tunnel, page }: { tunnel: TunnelView; page: PageContext }) {
  const { texts } = page;
  const { name, state, counters, verification, lastError } = tunnel;
  return (
    <tr>
      <th scope="row">
        <a href={tunnelPath(name)}>{name}</a>
        <p class="muted target">{shortPath(tunnel.file)}</p>
      </th>
      <Cell label={texts.state}>
        <TunnelBadge state={state} page={page} />
        {lastError && (
          <p class="muted last-error">
            <span class="hidden">{texts.lastError}:</span> <Reported text={lastError.message} page={page} />
            {" "}
            <Moment date={lastError.at} page={page} />
          </p>
        )}
      </Cell>
      <Cell label={texts.acceptConnect}>
        <span class="hidden">{texts.accept}</span>
        <Addresses addresses={tunnel.accept} />
        <span class="hidden">{texts.connect}</span>
        <div class="towards">
          <Addresses addresses={tunnel.connect} />
        </div>
      </Cell>
      <Cell label={texts.verification}>
        <Verification tunnel={tunnel} page={page} />
        <p class="muted">
          <Reported text={verification.text} page={page} />
        </p>
      </Cell>
      <Cell label="TLS">
        <Tls tunnel={tunnel} page={page} />
      </Cell>
      <Cell label={texts.connections}>
        <Count value={counters.connections} page={page} />
        <ul class="counts">
          {counters.active > 0 && <li>{texts.active(counters.active)}</li>}
          {counters.failed > 0 && <li class="bad">{texts.failedConnections(counters.failed)}</li>}
          {counters.refused > 0 && <li class="warn">{texts.refusedConnections(counters.refused)}</li>}
        </ul>
      </Cell>
      <Cell label={texts.traffic}>
        <Traffic tunnel={tunnel} page={page} />
      </Cell>
    </tr>
  );
}

/** Octets both ways. */
export function Traffic({ tunnel: { counters }, page }: { tunnel: TunnelView; page: PageContext }) {
  const { texts, lang } = page;
  return (
    <ul class="traffic">
      <li>{texts.sent(formatBytes(counters.bytesIn, lang))}</li>
      <li>{texts.received(formatBytes(counters.bytesOut, lang))}</li>
    </ul>
  );
}

function Tls({ tunnel: { tls }, page }: { tunnel: TunnelView; page: PageContext }) {
  if (tls?.version === undefined && tls?.validTo === undefined) return <span class="muted">–</span>;
  return (
    <>
      {tls.version}
      {tls.validTo && <Validity validTo={tls.validTo} page={page} />}
    </>
  );
}

/** How many days a certificate has left; in a colour when they are few. */
export function Validity({ validTo, page }: { validTo: Date; page: PageContext }) {
  const days = daysLeft(validTo, page.now);
  const tone = days < 0 ? "bad" : days <= CERTIFICATE_NOTICE_DAYS ? "warn" : "quiet";
  return (
    <ul class="counts">
      <li class={tone}>{page.texts.certificateDays(days)}</li>
    </ul>
  );
}

/** Whether a service checks whom it talks to. */
export function Verification({ tunnel, page }: { tunnel: TunnelView; page: PageContext }) {
  const { on } = tunnel.verification;
  // Towards plain programs there is no server to verify.
  if (!tunnel.client || tunnel.state === "faulty") return <span class="muted">–</span>;
  return (
    <Badge tone={on ? "good" : "bad"}>
      {on ? page.texts.verified : page.texts.unverified}
    </Badge>
  );
}

/** Addresses, one a line. */
export function Addresses({ addresses }: { addresses: readonly string[] }) {
  return <>{addresses.map((address) => <code class="address">{address}</code>)}</>;
}
