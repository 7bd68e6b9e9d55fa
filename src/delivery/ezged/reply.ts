/** EzGED's answers: JSON whatever their content type says, with numbers that may be written as text. */

/** An answer, as far as it could be understood. */
export interface Reply {
  /** 0: done; 401: the session is over; -18: too many sessions. `undefined` where the call has none. */
  readonly errorCode: number | undefined;
  readonly message: string;
  /** `rows`, always as a list. */
  readonly rows: readonly Row[];
  /** Of an upload, whether it was taken. */
  readonly success: boolean | undefined;
  /** Of an upload, where EzGED has put the file. */
  readonly filePath: string | undefined;
}

/** One row of an answer. */
export type Row = Readonly<Record<string, unknown>>;

const MAX_MESSAGE = 200;
const MAX_PATH = 1000;
const IDENTIFIER = /^[A-Za-z0-9_.-]{1,128}$/;

/** Understands an answer; `undefined` when it is not one of EzGED's. */
export function parseReply(text: string): Reply | undefined {
  const value = parseJson(text);
  if (!isRow(value)) return undefined;
  const errorCode = numberOf(value["errorcode"]);
  const success = booleanOf(value["success"]);
  if (errorCode === undefined && success === undefined) return undefined;
  const { rows } = value;
  return {
    errorCode,
    success,
    message: messageOf(value["errormsg"] ?? value["message"]),
    rows: Array.isArray(rows) ? rows.filter(isRow) : isRow(rows) ? [rows] : [],
    filePath: pathOf(value["filePath"]),
  };
}

/** A key that EzGED gave, as it is sent back; `undefined` when it is none. */
export function identifierOf(value: unknown): string | undefined {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && IDENTIFIER.test(text) && text !== "0" ? text : undefined;
}

/** A number, written as one or as text. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^-?\d{1,9}$/.test(value.trim()) ? Number(value) : undefined;
}

function parseJson(text: string): unknown {
  const start = text.indexOf("{");
  // PHP may put a warning of its own before the answer.
  for (const candidate of start > 0 ? [text, text.slice(start)] : [text]) {
    try {
      return JSON.parse(candidate);
    } catch {
      // Not this one.
    }
  }
  return undefined;
}

function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function booleanOf(value: unknown): boolean | undefined {
  if (typeof value === "boolean") return value;
  if (value === 1 || value === "1" || value === "true") return true;
  return value === 0 || value === "0" || value === "false" ? false : undefined;
}

function messageOf(value: unknown): string {
  if (typeof value !== "string") return "";
  return value.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim().slice(0, MAX_MESSAGE);
}

function pathOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && value.length <= MAX_PATH && !/\p{Cc}/u.test(value)
    ? value
    : undefined;
}
