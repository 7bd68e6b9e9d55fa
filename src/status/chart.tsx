// deno-lint-ignore-file jsx-key -- written once on the server, never compared with an earlier tree
/** A launcher's last 24 hours as bars, one an hour; said in words for those who do not see it. */
import type { OutcomeKind } from "../model.ts";
import { formatHour } from "./format.ts";
import type { PageContext } from "./layout.tsx";
import { countsText } from "./parts.tsx";
import type { Activity, HourCounts, OutcomeCounts } from "./view.ts";

/** From the foot of a bar upwards. */
const LAYERS: readonly OutcomeKind[] = ["delivered", "skipped", "quarantined", "failed"];
const STEP = 6;
const BAR = 4.5;
const HEIGHT = 30;
const LEAST = 1.5;

/** The bars; `isLarge` adds the hours below them. */
export function DayChart({ activity, page, isLarge = false }: {
  activity: Activity;
  page: PageContext;
  isLarge?: boolean;
}) {
  const { texts, lang } = page;
  const { hours } = activity;
  const most = Math.max(1, ...hours.map(itemsOf));
  const width = hours.length * STEP;
  const words = countsText(sumOf(hours), page) || texts.nothingHappened;
  return (
    <div class={isLarge ? "chart large" : "chart"}>
      <svg
        viewBox={`0 0 ${width} ${HEIGHT}`}
        role="img"
        aria-label={`${texts.lastDay}: ${words}`}
        preserveAspectRatio="none"
      >
        <path class="ground" d={`M0 ${HEIGHT - 0.5}H${width}`} />
        {hours.map((hour, index) =>
          itemsOf(hour) === 0 ? null : (
            <g>
              <title>{`${formatHour(hour.at, lang)}: ${countsText(hour, page)}`}</title>
              {layersOf(hour, most).map(({ kind, y, height }) => (
                <rect class={kind} x={index * STEP} y={y} width={BAR} height={height} />
              ))}
            </g>
          )
        )}
      </svg>
      {isLarge && (
        <div class="axis" aria-hidden="true">
          {hours.filter((_, index) => index % 6 === 0).map(({ at }) => <span>{formatHour(at, lang)}</span>)}
          <span>{texts.now}</span>
        </div>
      )}
    </div>
  );
}

/** What skipped items in the last 24 hours, the most frequent first. */
export function SkippedBy({ activity, page }: { activity: Activity; page: PageContext }) {
  const { texts } = page;
  const rules = Object.entries(activity.skippedBy);
  if (rules.length === 0) return null;
  return (
    <p class="muted rules">
      {texts.skippedBy(rules.map(([rule, items]) => `${texts.rules[rule] ?? rule} ${items}`).join(", "))}
    </p>
  );
}

function itemsOf(counts: OutcomeCounts): number {
  return LAYERS.reduce((sum, kind) => sum + counts[kind], 0);
}

function sumOf(hours: readonly HourCounts[]): OutcomeCounts {
  const sum = { delivered: 0, skipped: 0, quarantined: 0, failed: 0 };
  for (const hour of hours) for (const kind of LAYERS) sum[kind] += hour[kind];
  return sum;
}

/** The parts of a bar; what occurred at all can be seen, however much else there was. */
function layersOf(hour: HourCounts, most: number): { kind: OutcomeKind; y: number; height: number }[] {
  let y = HEIGHT;
  return LAYERS.filter((kind) => hour[kind] > 0).map((kind) => {
    const height = Math.max(LEAST, (hour[kind] / most) * (HEIGHT - 2 * LEAST));
    y = Math.max(0, y - height);
    return { kind, y: round(y), height: round(height) };
  });
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
