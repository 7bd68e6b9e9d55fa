/** Makes `openapi.json`, the description of everything that programs can ask of the page. */
import { fileURLToPath } from "node:url";
import { toJsonSchema } from "@valibot/to-json-schema";
import { type AnswerName, ANSWERS } from "./answers.ts";
import { OUTCOMES } from "./parts.tsx";

/** Of what can be asked and is answered, not of the gateway: `/api/status` tells that one. */
const API_VERSION = "1.0.0";

/** Where the generated file lies. */
export const OPENAPI_FILE: string = fileURLToPath(new URL("openapi.json", import.meta.url));

/** One thing that can be asked. */
export interface Operation {
  readonly method: "get" | "post";
  /** With `{name}` for what varies. */
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  /** By status; a media type where it is not JSON. */
  readonly answers: Readonly<Record<number, AnswerName | `${string}/${string}`>>;
  readonly query?: Readonly<Record<string, { description: string; schema: object }>>;
}

const ITEMS_QUERY = {
  outcome: { description: "Only items with this outcome.", schema: { enum: OUTCOMES } },
  after: {
    description: "The id of an item: only those that come after it in the list.",
    schema: { type: "string" },
  },
};

/** Everything that can be asked. */
export const OPERATIONS: readonly Operation[] = [
  get("/healthz", "health", "Whether the process lives", { 200: "text/plain" }),
  get(
    "/readyz",
    "readiness",
    "Whether it does all it is configured to do; reasons only for those signed in",
    {
      200: "Readiness",
      503: "Readiness",
    },
  ),
  get("/metrics", "metrics", "Figures in the Prometheus text format", { 200: "text/plain" }),
  get("/events", "events", "An event whenever something has changed", { 200: "text/event-stream" }),
  get("/api/status", "status", "Everything at this moment, and the headline", { 200: "Status" }),
  {
    ...get("/api/launchers/{name}", "launcher", "A launcher, its latest items and polls", {
      200: "Launcher",
      404: "Fault",
    }),
    query: ITEMS_QUERY,
  },
  get("/api/tunnels/{name}", "tunnel", "A tunnel service, and its latest connections", {
    200: "Tunnel",
    404: "Fault",
  }),
  get("/api/quarantine", "quarantine", "What could not be processed", { 200: "Quarantine" }),
  get(
    "/api/quarantine/{id}/original",
    "original",
    "The original of an item, as a file; a directory as a zip",
    {
      200: "application/octet-stream",
      404: "Fault",
      409: "Fault",
    },
  ),
  get("/api/openapi.json", "openapi", "This document", { 200: "application/json" }),
  act("/api/launchers/{name}/run", "run", "Polls now"),
  act("/api/launchers/{name}/pause", "pause", "Pauses the schedule, until it is resumed"),
  act("/api/launchers/{name}/resume", "resume", "Ends a pause, or the stop after three refused passwords"),
  act("/api/quarantine/{id}/retry", "retry", "Tries an item of the quarantine again"),
  act(
    "/api/quarantine/{id}/drop",
    "drop",
    "Removes an item of the quarantine, and the copy kept there, for good",
  ),
  act("/api/items/{id}/redeliver", "redeliver", "Delivers an item again that was delivered before"),
];

function get(path: string, id: string, summary: string, answers: Operation["answers"]): Operation {
  return { method: "get", path, id, summary, answers };
}

function act(path: string, id: string, summary: string): Operation {
  return { method: "post", path, id, summary, answers: { 202: "Done", 404: "Fault", 409: "Fault" } };
}

/** The whole document, as text. */
export function openApiText(): string {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of OPERATIONS) (paths[operation.path] ??= {})[operation.method] = describe(operation);
  const schemas = Object.entries(ANSWERS).map(([name, schema]) => {
    const { $schema: _, ...body } = toJsonSchema(schema, { errorMode: "ignore" });
    return [name, body];
  });
  const document = {
    openapi: "3.1.0",
    info: {
      title: "Lanceur",
      version: API_VERSION,
      license: { name: "MIT", identifier: "MIT" },
      description: "What programs can ask of a running gateway, at the address of its status page. " +
        "Where [status] of gateway.toml sets a token or a password, the token is asked for.",
    },
    servers: [{ url: "http://127.0.0.1:8025" }],
    security: [{}, { token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: Object.fromEntries(schemas),
    },
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function describe({ path, id, summary, answers, query = {} }: Operation): object {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => (
    { name, in: "path", required: true, schema: { type: "string" } }
  ));
  const inQuery = Object.entries(query).map(([name, rest]) => ({ name, in: "query", ...rest }));
  const parameters = [...inPath, ...inQuery];
  const signIn = { 401: "Fault", 429: "Fault" } as const;
  const all = path === "/healthz" || path === "/readyz" ? answers : { ...answers, ...signIn };
  return {
    operationId: id,
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: Object.fromEntries(
      Object.entries(all).map(([status, answer]) => [status, responseOf(Number(status), answer)]),
    ),
  };
}

function responseOf(status: number, answer: string): object {
  const content = answer.includes("/")
    ? { [answer]: {} }
    : { "application/json": { schema: { $ref: `#/components/schemas/${answer}` } } };
  return { description: DESCRIPTIONS[status] ?? "", content };
}

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  200: "The answer",
  202: "Begun; the page that the header Location names says how it ends",
  401: "The token is missing or wrong",
  404: "There is none of that name",
  409: "It cannot be done now; the error says why",
  429: "Too many wrong tokens: wait a minute",
  503: "Not ready",
};

if (import.meta.main) await Deno.writeTextFile(OPENAPI_FILE, openApiText());
