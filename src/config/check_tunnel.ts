/** Checks a tunnel service that launchers and gateway.toml name: whether it is there, once, and safe to send a password to. */
import type { ServiceOptions } from "../../tunnel/types.ts";
import { textAt } from "./check_places.ts";
import { type Gravity, type Report, shorten } from "./report.ts";
import { suggest } from "./suggest.ts";
import type { Path } from "./toml.ts";

/** What is known of the tunnel services of all .conf files. */
export interface Sections {
  readonly services: readonly ServiceOptions[];
  /** Sections that cannot run. */
  readonly faulty: readonly { readonly name: string; readonly file: string; readonly line?: number }[];
}

/** Where and for what a service is named. */
export interface TunnelUse {
  readonly path: Path;
  /** What is spoken through it. */
  readonly protocol: string | undefined;
  /** Whether the file is of no use without it. */
  readonly isVital?: boolean;
}

/** Notes what is wrong with the tunnel service that a file names. */
export function checkTunnel(
  report: Report,
  { services, faulty }: Sections,
  { path, protocol, isVital = true }: TunnelUse,
): void {
  const wrong: Gravity = isVital ? "error" : "passing";
  const lacking: Gravity = isVital ? "lacking" : "passing";
  const name = textAt(report.table.value, path);
  if (!name) return;
  const subject = `Cannot use tunnel = "${shorten(name)}"`;
  const found = services.filter((service) => service.name === name);
  const broken = faulty.filter((section) => section.name === name);
  const [service] = found;
  if (found.length + broken.length > 1) {
    const places = [...found, ...broken].map(placeOf).join(", ");
    report.add(wrong, path, {
      message: `${subject}: that section exists ${found.length + broken.length} times`,
      remedy: `Give each of these sections a name of its own: ${places}`,
    });
  } else if (broken[0]) {
    report.add(lacking, path, {
      message: `${subject}: section [${name}] is in error`,
      remedy: `Mend it: ${placeOf(broken[0])}`,
    });
  } else if (!service) {
    const names = [...new Set([...services, ...faulty].map((service) => service.name))];
    const near = suggest(name, names);
    report.add(lacking, path, {
      message: `${subject}: no .conf file here has a section of that name`,
      remedy: (near ? `Did you mean "${near}"? ` : "") +
        (names.length > 0
          ? `Sections here: ${names.join(", ")}`
          : `Write a NAME.conf with a section [${shorten(name)}]`),
    });
  } else if (!service.client) {
    report.add(wrong, path, {
      message: `${subject}: section [${name}] is for the other direction (client = no)`,
      remedy: "Name a section with client = yes",
    });
  } else if (!service.verify) {
    report.add(wrong, path, {
      message: `${subject}: section [${name}] has verify = no, so anybody on the way could take the password`,
      remedy:
        "Remove verify = no there; for a private authority set CAfile, for a self-signed server pin it with verifyPeer = yes and CAfile",
    });
  } else {
    if (service.mailProtocol === undefined || service.mailProtocol === protocol) return;
    report.add("warning", path, {
      message:
        `${subject} with protocol = "${protocol}": section [${name}] seems to lead to ${service.mailProtocol}`,
      remedy: `Check that its connect names the ${protocol} port of the server`,
    });
  }
}

function placeOf({ file, line }: { readonly file: string; readonly line?: number }): string {
  return line === undefined ? file : `${file}:${line}`;
}
