/** The text of a new launcher's file. */

/** The answers that make a launcher. */
export interface Draft {
  readonly name: string;
  readonly description: string;
  readonly schedule: string;
  /** `[listen]`, without a password that was typed. */
  readonly listen: Readonly<Record<string, unknown>>;
  /** A password that was typed, to be kept in a file of its own. */
  readonly password?: string;
  readonly sinceDays?: number;
  readonly cold: string;
}

/** The launcher file, with the remarks that help to go on. */
export function launcherText(
  draft: Draft,
  { hasSchema, secretPath }: { hasSchema: boolean; secretPath: string | undefined },
): string {
  const lines = [
    ...(hasSchema ? ["#:schema ./launcher.schema.json"] : []),
    `description = ${toml(draft.description)}`,
    `schedule = ${toml(draft.schedule)}`,
    "",
    "[listen]",
    ...listenLines({
      ...draft.listen,
      ...(secretPath === undefined ? {} : { password: { file: secretPath } }),
    }),
    "",
    "[filter]",
    '# include = ["*.pdf"]               # all documents unless given; see README.md here',
    ...(draft.sinceDays === undefined ? [] : [`since_days = ${draft.sinceDays}`]),
    "",
    "[deliver]",
    `cold = ${toml(draft.cold)}`,
  ];
  return lines.join("\n") + "\n";
}

/** From where, as whom, what: as the files that ship have it. */
const ORDER = "protocol tunnel server port tls ca_file account auth password token mailbox path after".split(
  " ",
);

function listenLines(listen: Readonly<Record<string, unknown>>): string[] {
  const keys = Object.keys(listen).sort((left, right) => ORDER.indexOf(left) - ORDER.indexOf(right));
  return keys.map((key) => `${key} = ${toml(listen[key])}`);
}

/** A value as TOML writes it. JSON's strings, and lists of them, are TOML's, but for DEL. */
function toml(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return JSON.stringify(value).replaceAll("\x7f", "\\u007F");
  }
  const entries = Object.entries(value).map(([key, inner]) => `${key} = ${toml(inner)}`);
  return `{ ${entries.join(", ")} }`;
}
