/**
 * EzGED's web service as a destination, for gateways that are not on the EzGED machine. Built from public
 * documentation (wiki.ezdev.fr, exeGeseIT/ezged-ws-client) and not yet tried on a real EzGED.
 */
import * as v from "valibot";
import type { DestinationKind } from "../destination.ts";
import { describeSection, ezgedSection } from "./section.ts";
import { type EzgedDeliver, ezgedName, faultsOfEzged, recordOptions } from "./deliver.ts";

/** The EzGED destination. What it needs to work is loaded when it is opened. */
export const ezged = {
  deliver: { ezged: v.optional(ezgedName), record: v.optional(recordOptions) },
  section: ezgedSection,
  faults: faultsOfEzged,
  target: (name, { deliver }) => targetText(deliver as unknown as EzgedDeliver, name),
  describe: describeSection,
  open: async (context) => (await import("./ezged.ts")).Ezged.open(context),
  probe: async (context) => await (await import("./ezged.ts")).probe(context),
} satisfies DestinationKind;

function targetText({ ezged, cold, record }: EzgedDeliver, name: string): string {
  return `ezged:${ezged}/${record?.table ?? cold ?? ""}/${name}`;
}
