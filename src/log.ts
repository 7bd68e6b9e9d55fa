/**
 * The log: text or JSON lines on standard error. What is logged is what happened to which launcher, item or
 * service; never a secret, never what a mail says.
 */
import { configureSync, getLogger, type LogRecord, type Sink } from "@logtape/logtape";

/** How much is said; each level includes those after it. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Facts beside a message: `{ launcher, key }`. */
export type Facts = Readonly<Record<string, unknown>>;

/** The log of one part of the gateway. */
export interface Log {
  debug(message: string, facts?: Facts): void;
  info(message: string, facts?: Facts): void;
  warn(message: string, facts?: Facts): void;
  error(message: string, facts?: Facts): void;
}

const LEVELS = { debug: "debug", info: "info", warn: "warning", error: "error" } as const;
const LEVEL_WORDS: Readonly<Record<string, string>> = { warning: "warn", fatal: "error" };

/** How the log is written. */
export interface LogOptions {
  readonly level: LogLevel;
  readonly format: "text" | "json";
  /** Called around the writing of each line: a progress bar gives way to it. */
  readonly around?: (write: () => void) => void;
}

/** Sets level and format for the whole process; can be called again at a reload. */
export function configureLog(options: LogOptions): void {
  const line = options.format === "json" ? jsonLine : textLine;
  const encoder = new TextEncoder();
  const { around = (write: () => void) => write() } = options;
  const sink: Sink = (record) => {
    try {
      around(() => Deno.stderr.writeSync(encoder.encode(line(record) + "\n")));
    } catch {
      // Nobody reads standard error any more: the gateway goes on without its log.
    }
  };
  configureSync({
    reset: true,
    sinks: { stderr: sink },
    loggers: [
      { category: "lanceur", lowestLevel: LEVELS[options.level], sinks: ["stderr"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["stderr"] },
    ],
  });
}

/** The log of one part, such as `poll` or `tunnel`. */
export function logOf(part: string): Log {
  const logger = getLogger(["lanceur", part]);
  return {
    debug: (message, facts = {}) => logger.debug(literal(message), { ...facts }),
    info: (message, facts = {}) => logger.info(literal(message), { ...facts }),
    warn: (message, facts = {}) => logger.warn(literal(message), { ...facts }),
    error: (message, facts = {}) => logger.error(literal(message), { ...facts }),
  };
}

/** Braces in a message are text here, not places to fill in. */
function literal(message: string): string {
  return message.replaceAll("{", "{{").replaceAll("}", "}}");
}

function textLine(record: LogRecord): string {
  const time = new Date(record.timestamp).toISOString();
  const level = levelWord(record).toUpperCase().padEnd(5);
  const facts = Object.entries(record.properties)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${quoted(value)}`).join("");
  return `${time} ${level} ${record.category.slice(1).join(".")}: ${oneLine(messageOf(record))}${facts}`;
}

function jsonLine(record: LogRecord): string {
  return harmless(JSON.stringify({
    time: new Date(record.timestamp).toISOString(),
    level: levelWord(record),
    part: record.category.slice(1).join("."),
    message: messageOf(record),
    ...record.properties,
  }));
}

function levelWord(record: LogRecord): string {
  return LEVEL_WORDS[record.level] ?? record.level;
}

function messageOf(record: LogRecord): string {
  return record.message.map(String).join("");
}

function quoted(value: unknown): string {
  const text = typeof value === "string"
    ? value
    : value instanceof Date
    ? value.toISOString()
    : JSON.stringify(value);
  return /^[\w.:/@+-]+$/.test(text) ? text : harmless(JSON.stringify(text));
}

/** Control and direction characters that JSON leaves as they are, in its notation: a terminal would obey them. */
export function harmless(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A line break in a message, perhaps from a server's answer, must not forge a second log line. */
function oneLine(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, " ");
}
