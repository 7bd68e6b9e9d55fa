/**
 * A stand-in for EzGED's web service: it follows the public documentation of the calls, and can fail at each of
 * them, before or after it has done what was asked.
 */
import { createHash } from "node:crypto";
import * as http from "node:http";
import * as https from "node:https";
import type { IssuedCertificate } from "./certificates.ts";
import { type EzgedRequest, readRequest } from "./ezged_request.ts";

/** The calls, by the last part of their service's name. */
export type EzgedStep =
  | "authenticate"
  | "keepalive"
  | "delete"
  | "upload"
  | "insertrow"
  | "addpages"
  | "load"
  | "getexec"
  | "loadalllastrevision";

/** How a call goes wrong. `after`: it has been done when that happens. */
export type EzgedFault =
  | { readonly kind: "error"; readonly code: number; readonly message?: string }
  /** EzGED has ended the session. */
  | { readonly kind: "over" }
  | { readonly kind: "drop"; readonly after?: boolean }
  | { readonly kind: "garbage"; readonly after?: boolean }
  | { readonly kind: "status"; readonly status: number; readonly location?: string }
  /** Answers as it should, only once `release` has resolved. */
  | { readonly kind: "slow"; readonly release: Promise<void> }
  /** Answers as it should, but at a length no answer has. */
  | { readonly kind: "endless" }
  /** Of an upload: cuts the connection while the file is on its way. */
  | { readonly kind: "cut" };

/** A file in a waiting directory. */
export interface ColdFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A row of a table with the files attached to it. */
export interface TableRow {
  readonly id: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly pages: { readonly name: string; readonly bytes: Uint8Array }[];
}

/** One call as it came in. */
export interface EzgedCall {
  readonly step: EzgedStep;
  readonly request: EzgedRequest;
}

export interface EzgedOptions {
  readonly account?: string;
  readonly password?: string;
  /** When given, the password is expected as it is, with this domain. */
  readonly domain?: string;
  readonly token?: string;
  readonly maxSessions?: number;
  readonly certificate?: IssuedCertificate;
  /** Statuses a job goes through, one per look; the last one stays. Done at once unless given. */
  readonly jobStatuses?: readonly (number | string)[];
  /** Whether a job attaches its pages when it is made, as it does unless told otherwise. */
  readonly attachesPages?: boolean;
}

/** The stand-in, running. Disposing cuts every connection. */
export class EzgedServer implements AsyncDisposable {
  readonly cold = new Map<string, ColdFile[]>();
  readonly tables = new Map<string, TableRow[]>();
  readonly calls: EzgedCall[] = [];
  readonly sessions = new Set<string>();
  /** Uploads by their path there. */
  readonly uploads = new Map<string, { readonly name: string; readonly bytes: Uint8Array }>();
  /** While set, every connection is cut at once. */
  isDown = false;
  readonly #faults = new Map<EzgedStep, EzgedFault[]>();
  readonly #jobs = new Map<string, number>();
  #counter = 100;

  private constructor(readonly server: http.Server, readonly options: EzgedOptions) {}

  static async start(options: EzgedOptions = {}): Promise<EzgedServer> {
    const server = options.certificate ? https.createServer({ ...options.certificate }) : http.createServer();
    const ezged = new EzgedServer(server, options);
    server.on("request", (request, response) => void ezged.#serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return ezged;
  }

  /** EzGED's address, as in gateway.toml. */
  get url(): string {
    const address = this.server.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    return `${this.options.certificate ? "https" : "http"}://127.0.0.1:${port}/ezged3`;
  }

  /** Lets the next calls of a step go wrong, one each. */
  fail(step: EzgedStep, ...faults: EzgedFault[]): void {
    this.#faults.set(step, [...this.#faults.get(step) ?? [], ...faults]);
  }

  /** How often a step was called. */
  count(step: EzgedStep): number {
    return this.calls.filter((call) => call.step === step).length;
  }

  /** Names in a waiting directory, in order of arrival. */
  names(waitdir: string): string[] {
    return (this.cold.get(waitdir) ?? []).map(({ name }) => name);
  }

  rows(table: string): TableRow[] {
    return this.tables.get(table) ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  async #serve(message: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    if (this.isDown) return void response.destroy();
    try {
      if (message.url?.includes("pupload.php") && this.#faults.get("upload")?.[0]?.kind === "cut") {
        this.#faults.get("upload")?.shift();
        return void message.once("data", () => response.destroy());
      }
      const request = await readRequest(message);
      const step = stepOf(request);
      if (!step) return this.#send(response, 404, "not found");
      this.calls.push({ step, request });
      await this.#answer({ step, request }, response);
    } catch {
      response.destroy();
    }
  }

  async #answer({ step, request }: EzgedCall, response: http.ServerResponse): Promise<void> {
    const fault = this.#faults.get(step)?.shift();
    if (fault?.kind === "drop" && !fault.after) return void response.destroy();
    if (fault?.kind === "status") {
      if (fault.location) response.setHeader("location", fault.location);
      return this.#send(response, fault.status, "<h1>error</h1>");
    }
    if (fault?.kind === "garbage" && !fault.after) {
      return this.#send(response, 200, "<html>Fatal error</html>");
    }
    if (fault?.kind === "error") {
      const refusal = step === "upload"
        ? { success: false, message: fault.message ?? "refused" }
        : { errorcode: fault.code, errormsg: fault.message ?? "refused", rows: [], count: false };
      return this.#send(response, 200, JSON.stringify(refusal));
    }
    if (fault?.kind === "over") this.sessions.clear();
    const body = this.#do(step, request, response);
    if (fault?.kind === "slow") await fault.release;
    if (fault?.kind === "drop") return void response.destroy();
    if (fault?.kind === "garbage") return this.#send(response, 200, "<html>Fatal error</html>");
    if (fault?.kind === "endless") {
      return this.#send(response, 200, JSON.stringify({ ...body, more: "x".repeat(2 * 1024 * 1024) }));
    }
    // Some versions call it text, and numbers are text in some.
    this.#send(response, 200, JSON.stringify(body));
  }

  #send(response: http.ServerResponse, status: number, text: string): void {
    response.writeHead(status, { "content-type": "text/html; charset=utf-8" });
    response.end(text);
  }

  #do(step: EzgedStep, request: EzgedRequest, response: http.ServerResponse): object {
    if (step === "authenticate") return this.#authenticate(request, response);
    const { parameters } = request;
    const session = parameters.get("sessionid") ?? "";
    const hasCookie = (request.headers["cookie"] ?? "").includes(`instance=${session}`);
    if (!this.sessions.has(session) || !hasCookie) {
      return { errorcode: 401, errormsg: "Session invalide", rows: [] };
    }
    switch (step) {
      case "keepalive":
        return ok([{ countcorrection: "0" }]);
      case "delete":
        this.sessions.delete(parameters.get("secsesid") ?? "");
        return ok([], "Success logout");
      case "upload":
        return this.#upload(request);
      case "insertrow":
        return this.#insertRow(parameters);
      case "addpages":
        return this.#addPages(parameters);
      case "load":
        return this.#job(parameters.get("jobqueueid") ?? "");
      case "getexec":
        return this.#query(parameters);
      case "loadalllastrevision": {
        const row = this.#row(parameters.get("docpaktbl"), parameters.get("docpakrsid"));
        return ok((row?.pages ?? []).map(({ name, bytes }) => ({
          namefileorigin: name,
          sizefileorigin: String(bytes.length),
        })));
      }
    }
  }

  #authenticate({ method, query, parameters }: EzgedRequest, response: http.ServerResponse): object {
    const { account = "ged", password = "secret", domain, maxSessions = 10 } = this.options;
    const wanted = domain === undefined ? createHash("md5").update(password).digest("hex") : password;
    const isRight = method === "POST" && !query.has("pwd") && parameters.get("login") === account &&
      parameters.get("pwd") === wanted && (parameters.get("domain") ?? undefined) === domain;
    if (!isRight) return { errorcode: -1, errormsg: "Identifiant ou mot de passe incorrect", rows: [] };
    if (this.sessions.size >= maxSessions) {
      return { errorcode: "-18", errormsg: "Nombre de sessions", rows: [] };
    }
    const sessionid = crypto.randomUUID();
    this.sessions.add(sessionid);
    response.setHeader("set-cookie", [`instance=${sessionid}; path=/; HttpOnly`, "lang=fr"]);
    // An object here, as documented, where other calls answer with a list.
    return { errorcode: 0, errormsg: "", rows: { sessionid, login: account }, count: "1" };
  }

  #upload({ query, file, headers }: EzgedRequest): object {
    const { token = "jeton" } = this.options;
    if (query.get("token") !== token) return { success: false, message: "token" };
    // PHP behind IIS does not see a body without a length.
    if (!file || headers["content-length"] === undefined) return { success: false, message: "Aucun fichier" };
    const name = query.get("name") ?? file.name;
    if (query.get("mode") === "cold") {
      const waitdir = query.get("waitdir") ?? "";
      const others = (this.cold.get(waitdir) ?? []).filter((other) => other.name !== name);
      this.cold.set(waitdir, [...others, { name, bytes: file.bytes }]);
      return {
        success: true,
        filePath: `C:\\nchp\\var\\spool\\ezged\\instance\\ocr\\wait\\${waitdir}\\${name}`,
      };
    }
    const filePath = `C:\\nchp\\tmp\\${this.#counter++}\\${name}`;
    this.uploads.set(filePath, { name, bytes: file.bytes });
    return { success: "true", filePath };
  }

  #insertRow(parameters: URLSearchParams): object {
    const table = parameters.get("tfqn") ?? "";
    const fields = listOf(parameters, "fields");
    const values = listOf(parameters, "values");
    if (fields.length === 0 || fields.length !== values.length) return refusal(-5, "fields");
    const id = String(this.#counter++);
    const columns = Object.fromEntries(fields.map((field, index) => [field, values[index] ?? ""]));
    this.tables.set(table, [...this.rows(table), { id, columns, pages: [] }]);
    return { ...ok([{ type: "returnid", RETID: id }]), count: Number(id) };
  }

  #addPages(parameters: URLSearchParams): object {
    const row = this.#row(parameters.get("tfqn"), parameters.get("rsid"));
    const upload = this.uploads.get(parameters.get("file") ?? "");
    if (!row) return refusal(-7, "rsid");
    if (!upload) return refusal(-8, "file");
    if (this.options.attachesPages !== false) row.pages.push(upload);
    const id = String(this.#counter++);
    this.#jobs.set(id, 0);
    return ok([{ type: "addpages", JOBQUEUE_ID: Number(id) }]);
  }

  #job(id: string): object {
    const looks = this.#jobs.get(id);
    if (looks === undefined) return ok([]);
    this.#jobs.set(id, looks + 1);
    const { jobStatuses = [2] } = this.options;
    return ok([{ JOBQUEUE_ID: id, JOBQUEUE_STATUS: jobStatuses[Math.min(looks, jobStatuses.length - 1)] }]);
  }

  #query(parameters: URLSearchParams): object {
    const field = parameters.get("qryusrffqn") ?? "";
    const value = parameters.get("qryusrval") ?? "";
    const found = [...this.tables].flatMap(([table, rows]) =>
      rows.filter(({ columns }) => columns[field] === value)
        .map(({ id, columns }) => ({ [`${table}_ID`]: id, ...columns }))
    );
    return ok(found);
  }

  #row(table: string | null, id: string | null): TableRow | undefined {
    return this.rows(table ?? "").find((row) => row.id === id);
  }
}

function stepOf({ path, query }: EzgedRequest): EzgedStep | undefined {
  if (path.endsWith("/data/pupload.php")) return "upload";
  const steps: Readonly<Record<string, EzgedStep>> = {
    "sec/authenticate": "authenticate",
    "secses/keepalive": "keepalive",
    "secses/delete": "delete",
    "doctbl/insertrow": "insertrow",
    "docpak/addpages": "addpages",
    "jobqueue/load": "load",
    "query/getexec": "getexec",
    "docpak/loadalllastrevision": "loadalllastrevision",
  };
  return path.endsWith("/data/service.php") ? steps[query.get("service") ?? ""] : undefined;
}

/** `name[0]`, `name[1]` …, or one JSON list. */
function listOf(parameters: URLSearchParams, name: string): string[] {
  const whole = parameters.get(name);
  if (whole !== null) return JSON.parse(whole) as string[];
  const list: string[] = [];
  for (let n = 0;; n++) {
    const value = parameters.get(`${name}[${n}]`);
    if (value === null) return list;
    list.push(value);
  }
}

function ok(rows: readonly unknown[], message = ""): { errorcode: unknown; errormsg: string; rows: unknown } {
  return { errorcode: "0", errormsg: message, rows };
}

function refusal(code: number, message: string): object {
  return { errorcode: code, errormsg: message, rows: [], count: false };
}
