/** A file beside a document with what is known of it, as JSON or XML, for indexers that read one. */
import type { Stage, StagedFile } from "./staging.ts";

/** Which sidecar, and the facts of the item that go into it. */
export interface Sidecar {
  readonly format: "none" | "json" | "xml";
  readonly facts: Readonly<Record<string, string>>;
  /** Number of the first document within the item, 1 unless given. */
  readonly first?: number;
}

/** A sidecar written on the stage. */
export interface StagedSidecar {
  readonly staged: string;
  readonly extension: string;
  readonly sizeBytes: number;
}

/** Writes a sidecar for these documents; `undefined` when the launcher wants none. */
export async function writeSidecar(
  stage: Stage,
  sidecar: Sidecar,
  files: readonly StagedFile[],
): Promise<StagedSidecar | undefined> {
  if (sidecar.format === "none") return undefined;
  const { first = 1 } = sidecar;
  const documents = files.map(({ name, sizeBytes, sha256 }, index) => ({
    n: first + index,
    name,
    size: sizeBytes,
    sha256,
  }));
  const text = sidecar.format === "json"
    ? toJson(sidecar.facts, documents)
    : await toXml(sidecar.facts, documents);
  const extension = `.${sidecar.format}`;
  const { path, sizeBytes } = await stage.addText(`document${extension}`, text);
  return { staged: path, extension, sizeBytes };
}

interface SidecarDocument {
  readonly n: number;
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
}

function toJson(facts: Sidecar["facts"], documents: readonly SidecarDocument[]): string {
  return JSON.stringify({ ...facts, documents }, null, 2) + "\n";
}

async function toXml(facts: Sidecar["facts"], documents: readonly SidecarDocument[]): Promise<string> {
  // Loaded when it is needed: a poll by hand is over in the time that takes.
  const { XMLBuilder } = await import("fast-xml-parser");
  const builder = new XMLBuilder({ format: true, suppressEmptyNode: false });
  const item = {
    ...withoutControls(facts),
    document: documents.map((document) => withoutControls(document)),
  };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build({ item })}`;
}

/** XML 1.0 has no way to write control characters (section 2.2). */
function withoutControls(values: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      String(value).toWellFormed().replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, ""),
    ]),
  );
}
