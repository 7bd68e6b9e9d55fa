// deno-lint-ignore-file jsx-key -- written once on the server, never compared with an earlier tree
/** The page of a tunnel service; of all services of that name, should two files have one. */
import type { Child } from "hono/jsx";
import { formatBytes, formatDay, formatDuration } from "./format.ts";
import { problemPlace } from "./headline.ts";
import { Layout, type PageContext } from "./layout.tsx";
import { Cell, Count, Head, Moment, Reported, TunnelBadge } from "./parts.tsx";
import { Addresses, Traffic, Validity, Verification } from "./tunnel_table.tsx";
import type { ConnectionView, Snapshot, TunnelView } from "./view.ts";

/** The page at `/tunnels/NAME`. */
export function TunnelPage({ page, snapshot, name, services, connections }: {
  page: PageContext;
  snapshot: Snapshot;
  name: string;
  services: readonly TunnelView[];
  connections: readonly ConnectionView[];
}) {
  const { texts } = page;
  return (
    <Layout page={page} title={`${name} · Lanceur`} snapshot={snapshot}>
      <div id="tunnel" data-live>
        <h1>{name}</h1>
        {services.map((tunnel) => <Service tunnel={tunnel} page={page} />)}
      </div>
      <section id="connections" data-live aria-labelledby="connections-title">
        <h2 id="connections-title">{texts.recentConnections}</h2>
        {connections.length === 0
          ? <p class="empty">{texts.noConnections}</p>
          : <Connections connections={connections} page={page} />}
      </section>
    </Layout>
  );
}

function Service({ tunnel, page }: { tunnel: TunnelView; page: PageContext }) {
  const { texts, lang } = page;
  const { counters, tls } = tunnel;
  return (
    <section>
      <p class="heading">
        <TunnelBadge state={tunnel.state} page={page} />
        <Verification tunnel={tunnel} page={page} />
      </p>
      <Faults tunnel={tunnel} page={page} />
      <dl class="facts">
        <Fact name={texts.configuredIn}>{problemPlace(tunnel, texts)}</Fact>
        <Fact name={texts.direction}>{tunnel.client ? texts.towardsTls : texts.fromTls}</Fact>
        <Fact name={texts.accept}>
          <Addresses addresses={tunnel.accept} />
        </Fact>
        <Fact name={texts.connect}>
          <Addresses addresses={tunnel.connect} />
        </Fact>
        <Fact name={texts.verification}>
          <Reported text={tunnel.verification.text} page={page} />
        </Fact>
        <Fact name={texts.connections}>
          <Count value={counters.connections} page={page} />
          <ul class="counts">
            <li>{texts.active(counters.active)}</li>
            <li>{texts.failedConnections(counters.failed)}</li>
            <li>{texts.refusedConnections(counters.refused)}</li>
          </ul>
        </Fact>
        <Fact name={texts.traffic}>
          <Traffic tunnel={tunnel} page={page} />
        </Fact>
        {tls?.version && <Fact name={texts.tlsVersion}>{tls.version}</Fact>}
        {tls?.subject && <Fact name={texts.certificate}>{tls.subject}</Fact>}
        {tls?.issuer && <Fact name={texts.issuer}>{tls.issuer}</Fact>}
        {tls?.validTo && (
          <Fact name={texts.validUntil}>
            {formatDay(tls.validTo, lang)}
            <Validity validTo={tls.validTo} page={page} />
          </Fact>
        )}
        {tls?.fingerprint && (
          <Fact name={texts.fingerprint}>
            <code class="address">{tls.fingerprint}</code>
          </Fact>
        )}
      </dl>
    </section>
  );
}

function Connections({ connections, page }: { connections: readonly ConnectionView[]; page: PageContext }) {
  const { texts, lang } = page;
  return (
    <table class="cards">
      <Head columns={[texts.date, texts.end, texts.peer, "TLS", texts.duration, texts.traffic]} />
      <tbody>
        {connections.map(({ at, isBad, message, client, tls, durationMs, bytesIn, bytesOut }) => (
          <tr>
            <th scope="row">
              <Moment date={at} page={page} />
            </th>
            <Cell label={texts.end}>
              <span class={isBad ? "bad" : undefined}>
                <Reported text={message} page={page} />
              </span>
            </Cell>
            <Cell label={texts.peer}>{client && <code class="address">{client}</code>}</Cell>
            <Cell label="TLS">{tls}</Cell>
            <Cell label={texts.duration}>{durationMs !== undefined && formatDuration(durationMs, lang)}</Cell>
            <Cell label={texts.traffic}>
              {bytesIn !== undefined && bytesOut !== undefined && (
                <ul class="traffic">
                  <li>{texts.sent(formatBytes(bytesIn, lang))}</li>
                  <li>{texts.received(formatBytes(bytesOut, lang))}</li>
                </ul>
              )}
            </Cell>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Fact({ name, children }: { name: string; children?: Child }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Faults({ tunnel, page }: { tunnel: TunnelView; page: PageContext }) {
  const { texts } = page;
  const { error, lastError, warnings } = tunnel;
  return (
    <>
      {error && (
        <div class="fault">
          <p>
            <Reported text={error.message} page={page} />
          </p>
          {error.remedies.map((remedy) => (
            <p class="remedy">
              <Reported text={remedy} page={page} />
            </p>
          ))}
        </div>
      )}
      {lastError && (
        <div class="fault past">
          <h2>{texts.lastError}</h2>
          <p>
            <Reported text={lastError.message} page={page} />
          </p>
          {lastError.remedy && (
            <p class="remedy">
              <Reported text={lastError.remedy} page={page} />
            </p>
          )}
          <p class="muted">
            <Moment date={lastError.at} page={page} />
          </p>
        </div>
      )}
      {warnings.length > 0 && (
        <div class="fault past">
          <h2>{texts.warnings}</h2>
          {warnings.map((warning) => (
            <p>
              <Reported text={warning} page={page} />
            </p>
          ))}
        </div>
      )}
    </>
  );
}
