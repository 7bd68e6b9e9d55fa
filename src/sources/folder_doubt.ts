/** Whether an envelope that stands still is complete. */
import { metadataOf, type SeenEnvelope } from "./folder_envelopes.ts";
import { whyUnfinished } from "./folder_finished.ts";
import type { SourceContext } from "./source.ts";

/** Why an envelope may be incomplete. */
export interface Doubt {
  readonly reason: string;
  /** Whether it is taken nevertheless when nothing has changed in it for long: it can be complete as it is. */
  readonly canBeWhole: boolean;
}

/** What telling needs besides the envelope. */
export interface DoubtContext extends Pick<SourceContext, "compareListing" | "signal"> {
  /** Whether a directory with neither an end marker nor metadata can be whole. */
  readonly takesUnmarked: boolean;
}

const certain = new Set<string>();
const CERTAIN_KEPT = 10_000;

/** Why `envelope` may be incomplete; `undefined` when nothing says so. */
export async function doubtOf(
  envelope: SeenEnvelope,
  context: DoubtContext,
): Promise<Doubt | undefined> {
  // An archive that is kept would be read to its end again at every poll.
  const seen = `${envelope.path}|${envelope.fingerprint}`;
  if (certain.has(seen)) return undefined;
  const doubt = await findDoubt(envelope, context);
  if (doubt !== undefined) return doubt;
  certain.add(seen);
  if (certain.size > CERTAIN_KEPT) certain.delete(certain.keys().next().value ?? "");
  return undefined;
}

async function findDoubt(
  envelope: SeenEnvelope,
  context: DoubtContext,
): Promise<Doubt | undefined> {
  const { partial, file, isMarked, isLoose } = envelope;
  if (partial !== undefined) {
    return { reason: `"${partial}" is the name of a file that is being sent`, canBeWhole: false };
  }
  if (file !== undefined && !isLoose) {
    const reason = file.sizeBytes === 0 ? "an empty file" : await whyUnfinished(file, context.signal);
    return reason === undefined ? undefined : { reason, canBeWhole: false };
  }
  return isMarked ? undefined : await doubtOfUnmarked(envelope, context);
}

async function doubtOfUnmarked(
  envelope: SeenEnvelope,
  context: DoubtContext,
): Promise<Doubt | undefined> {
  const { files } = envelope;
  const metadata = metadataOf(envelope);
  if (metadata === undefined) {
    return { reason: "neither an end marker nor metadata is in it", canBeWhole: context.takesUnmarked };
  }
  const others = files.filter((file) => file !== metadata);
  const names = others.map(({ name }) => name.slice(name.lastIndexOf("/") + 1));
  const listing = metadata.sizeBytes === 0 ? undefined : await context.compareListing(metadata.path, names);
  if (listing === "oversized") {
    return { reason: `"${metadata.name}" is too large to be compared with what is there`, canBeWhole: true };
  }
  if (listing === undefined) return { reason: `"${metadata.name}" is not whole`, canBeWhole: false };
  // Pastell can be told to leave files out, and metadata list them all the same.
  const [first] = listing.missing;
  if (first !== undefined) {
    return { reason: `"${metadata.name}" lists "${first}", which is not there`, canBeWhole: true };
  }
  // Pastell up to 2.0 writes metadata first and an end marker last; later versions write metadata last.
  const newer = others.find((file) => file.modified > metadata.modified);
  if (newer !== undefined) {
    return {
      reason: `"${newer.name}" came after "${metadata.name}", and no end marker yet`,
      canBeWhole: true,
    };
  }
  return undefined;
}
