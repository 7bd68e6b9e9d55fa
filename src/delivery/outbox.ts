/** Where documents wait for destinations that are not folders of this machine: in the state folder. */
import { join } from "node:path";

/** The folder of all outboxes of a state folder, one folder per destination in it. */
export function outboxOf(state: string): string {
  return join(state, "outbox");
}
