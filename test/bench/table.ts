/** Figures of a benchmark: minimum, median and maximum of each program, and the ratio of medians. */

/** Seconds of each round, by program. */
export type Timings = Readonly<Record<string, readonly number[]>>;

/** Prints a table; `reference` is the program the others are compared with, in each round. */
export function printTimings(title: string, timings: Timings, reference: string): void {
  writeLine(`\n${title}`);
  writeLine(
    `${"program".padEnd(24)}${"min s".padStart(9)}${"median s".padStart(10)}${"max s".padStart(9)}` +
      "   ratio of medians (of each round: min to max)",
  );
  const base = timings[reference] ?? [];
  for (const [program, seconds] of Object.entries(timings)) {
    if (seconds.length === 0) {
      writeLine(`${program.padEnd(24)}  not installed`);
      continue;
    }
    const [min, middle, max] = spread(seconds, 2);
    const ratio = (median(seconds) / median(base)).toFixed(2);
    const [least, , most] = spread(seconds.map((value, round) => value / (base[round] ?? NaN)), 2);
    writeLine(
      `${program.padEnd(24)}${min.padStart(9)}${middle.padStart(10)}${
        max.padStart(9)
      }   ${ratio} (${least} to ${most})`,
    );
  }
}

/** The middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** Writes one line of the result. */
export function writeLine(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
}

/** Prints a table of figures of which less is better; ratios are taken within each round, against `reference`. */
export function printRatios(title: string, figures: Timings, reference: string): void {
  writeLine(`\n${title}`);
  writeLine(
    `${"program".padEnd(24)}${"min".padStart(9)}${"median".padStart(9)}${
      "max".padStart(9)
    }   ratio (min to max)`,
  );
  const base = figures[reference] ?? [];
  for (const [program, values] of Object.entries(figures)) {
    const [min, middle, max] = spread(values, 3);
    const ratios = values.map((value, round) => (base[round] ?? NaN) / value);
    const [least, usual, most] = spread(ratios, 2);
    writeLine(
      `${program.padEnd(24)}${min.padStart(9)}${middle.padStart(9)}${
        max.padStart(9)
      }   ${usual} (${least} to ${most})`,
    );
  }
}

function spread(values: readonly number[], digits: number): [string, string, string] {
  return [
    Math.min(...values).toFixed(digits),
    median(values).toFixed(digits),
    Math.max(...values).toFixed(digits),
  ];
}
