/** The COLD root of this machine as a destination: `[deliver] cold`, without a section of its own. */
import { join } from "node:path";
import * as v from "valibot";
import { addPlace, disk } from "../disk.ts";
import { DeliveryError } from "../errors.ts";
import { Cold, STAGING } from "./cold_directory.ts";
import type { Destination, DestinationContext, DestinationKind } from "./destination.ts";
import { coldDirectory } from "./cold_name.ts";

/** The folder destination. */
export const cold = {
  deliver: { cold: v.optional(coldDirectory) },
  faults: (deliver) => deliver["cold"] === undefined ? [{ key: "cold" }] : [],
  target: (name, { deliver, root }) => join(root, String(deliver["cold"]), name),
  describe: () => "",
  open: openCold,
} satisfies DestinationKind;

async function openCold(context: DestinationContext): Promise<Destination> {
  const { root, owner, hasPending } = context;
  addPlace(root);
  await context.folder(root);
  const staging = join(root, STAGING);
  const isThere = await disk.stat(staging).then((info) => info.isDirectory, () => false);
  // Cold.open would make it anew, and repair take for delivered what only is on a share not mounted now.
  if (hasPending && !isThere) {
    throw new DeliveryError(
      `Cannot finish interrupted deliveries: "${staging}" is missing; is the share mounted?`,
    );
  }
  return await Cold.open(root, owner);
}
