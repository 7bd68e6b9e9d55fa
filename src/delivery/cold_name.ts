/** Names of COLD directories, as launcher files give them: safe to join to a root, on Windows too. */
import * as v from "valibot";

/** What Windows, where EzGED runs, does not allow in a file name. */
export const FORBIDDEN = /[<>:"/\\|?*\p{Cc}]/u;
const RESERVED = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;

/** Says what keeps a text from being a directory under `cold.root`; `undefined` when nothing does. */
export function faultOfColdDirectory(path: string): string | undefined {
  if (path === "") return "must not be empty";
  if (path.length > 120) return "must not be longer than 120 characters";
  if (/^[A-Za-z]:/.test(path) || path.startsWith("/") || path.startsWith("\\")) {
    return "must be a directory under cold.root, not an absolute path";
  }
  if (path.includes("\\")) return "must have / between directories, not \\";
  for (const part of path.split("/")) {
    if (part === "") return "must not contain an empty directory name";
    if (part === "." || part === "..") return `must not contain "${part}"`;
    if (part.startsWith(".")) return "must not begin with a dot";
    if (/[. ]$/.test(part) || part.startsWith(" ")) {
      return "must not end in a dot or begin or end with a space";
    }
    if (FORBIDDEN.test(part)) return 'must not contain < > : " | ? * or control characters';
    if (RESERVED.test(part)) return `must not be a name reserved by Windows (${part})`;
  }
  return undefined;
}

/** The option `cold` of `[deliver]`. */
export const coldDirectory = v.pipe(
  v.string(),
  v.rawCheck(({ dataset, addIssue }) => {
    const fault = dataset.typed ? faultOfColdDirectory(dataset.value) : undefined;
    if (fault !== undefined) addIssue({ message: fault });
  }),
  v.description(
    "The COLD's waiting directory under `cold.root`, such as `factures` or `compta/factures`; made if missing. With `ezged`, the waiting directory there (`ocr/wait/NAME`).",
  ),
);
