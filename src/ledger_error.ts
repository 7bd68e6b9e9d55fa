/** What goes wrong with the ledger, said with a way to mend it. */
import { errorText, LedgerError } from "./errors.ts";

/** Says what SQLite's words mean for an administrator. */
export function ledgerError(verb: string, path: string, cause: unknown): LedgerError {
  if (cause instanceof LedgerError) return cause;
  const state = errorText(cause);
  return new LedgerError(`Cannot ${verb} ledger "${path}": ${state}${remedyFor(state)}`, { cause });
}

function remedyFor(state: string): string {
  if (/locked|busy/i.test(state)) return "; another program has it open, end that program";
  if (/disk is full|disk full/i.test(state)) return "; free some space, nothing is lost meanwhile";
  if (/disk i\/o error/i.test(state)) {
    return "; look at the free space and the health of that volume, nothing is lost meanwhile";
  }
  if (/readonly|read-only|unable to open/i.test(state)) return "; the gateway's account needs to write there";
  if (/malformed|not a database|corrupt/i.test(state)) {
    return "; put back a backup, or move the file away to begin anew";
  }
  return "";
}
