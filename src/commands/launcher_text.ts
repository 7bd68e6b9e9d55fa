/** The text of a new launcher's file. */

/** The answers that make a launcher. */
export interface Draft {
  readonly name: string;
  readonly description: string;
  readonly schedule: string;
  /** `[listen]`, in the order of the file, without password and token. */
  readonly listen: Readonly<Record<string, unknown>>;
  /** Of the account, to be kept in a file of its own. */
  readonly password?: string;
  /** A file that holds it already. */
  readonly passwordFile?: string;
  readonly tokenFile?: string;
  readonly sinceDays?: number;
  readonly cold: string;
}

/** The launcher file, with the remarks that help to go on. */
export function launcherText(
  draft: Draft,
  { hasSchema, secretPath }: { hasSchema: boolean; secretPath: string | undefined },
): string {
  const secret = secretPath ?? draft.passwordFile;
  const lines = [
    ...(hasSchema ? ["#:schema ./launcher.schema.json"] : []),
    `description = ${toml(draft.description)}`,
    `schedule = ${toml(draft.schedule)}`,
    "",
    "[listen]",
    ...Object.entries(draft.listen).map(([key, value]) => `${key} = ${toml(value)}`),
    ...(secret === undefined ? [] : [`password = { file = ${toml(secret)} }`]),
    ...(draft.tokenFile === undefined ? [] : [`token = { file = ${toml(draft.tokenFile)} }`]),
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

/** A value as TOML writes it. JSON's strings are TOML's basic strings, but for DEL. */
function toml(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value).replaceAll("\x7f", "\\u007F");
  const entries = Object.entries(value).map(([key, inner]) => `${key} = ${toml(inner)}`);
  return `{ ${entries.join(", ")} }`;
}
