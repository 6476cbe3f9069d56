import { type Axis, axisOf, placeOn } from './axis.ts';
import { type Curve, lastError } from './curve.ts';
import { escaped } from './escape.ts';
import { grouped, percent } from './format.ts';

/** What a chart says beside its curves. */
export type SvgChartOptions = {
  readonly title: string;
  readonly subtitle: string;
  /** The images that errors are measured on. */
  readonly split: 'validation' | 'test';
};

const size = { width: 920, height: 460 } as const;
const plot = { left: 62, right: 640, top: 104, bottom: 396 } as const;

/** By the order of the runs: the first is the one to look at; the others differ in dash as well as in color. */
const dashes = ['', '', '7 4', '2 4', '10 4 2 4'] as const;

// Colors with enough contrast on their ground, which color-blind people can tell apart (after Okabe and Ito).
const style = `
.chart { --ink: #1c2430; --soft: #5b6675; --grid: #dfe4ea; --ground: #ffffff;
  --c0: #0062b1; --c1: #c44601; --c2: #00734f; --c3: #a3378b; --c4: #6b5900; }
@media (prefers-color-scheme: dark) { .chart { --ink: #e8edf3; --soft: #9aa7b6; --grid: #2c3541; --ground: #12171e;
  --c0: #62b5ff; --c1: #ff9a4d; --c2: #3fd0a0; --c3: #ee9be0; --c4: #e2cf5a; } }
.chart text { font: 13px system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; fill: var(--soft); }
.chart .ground { fill: var(--ground); }
.chart .title { font-size: 19px; font-weight: 600; fill: var(--ink); }
.chart .name { font-size: 14px; fill: var(--ink); }
.chart .value { font-size: 14px; font-weight: 600; }
.chart .grid { stroke: var(--grid); }
.chart .line { fill: none; stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; }
.chart .first { stroke-width: 3.4; }
${[0, 1, 2, 3, 4].map((i) => `.chart .s${i} { stroke: var(--c${i}); } .chart .f${i} { fill: var(--c${i}); }`).join('\n')}
`;

const toX = (axis: Axis, value: number): number => plot.left + placeOn(axis, value) * (plot.right - plot.left);
const toY = (axis: Axis, value: number): number => plot.bottom - placeOn(axis, value) * (plot.bottom - plot.top);
const short = (n: number): string => String(Math.round(10 * n) / 10);

function axes(x: Axis, y: Axis): string {
  const across = y.ticks.map((tick) => {
    const at = short(toY(y, tick));
    return `<path class="grid" d="M${plot.left} ${at}H${plot.right}"/><text x="${plot.left - 8}" y="${at}" dy="4" text-anchor="end">${tick} %</text>`;
  });
  const along = x.ticks.map(
    (tick) => `<text x="${short(toX(x, tick))}" y="${plot.bottom + 20}" text-anchor="middle">${grouped(tick)}</text>`,
  );
  return [
    ...across,
    ...along,
    `<text x="${(plot.left + plot.right) / 2}" y="${plot.bottom + 44}" text-anchor="middle">gradients of a batch since the start (SAM takes two a step, SGD one)</text>`,
    `<text x="${plot.left}" y="${plot.top - 14}">images that come out wrong</text>`,
  ].join('\n');
}

const seriesOf = (i: number): number => i % dashes.length;

function line({ points }: Curve, i: number, x: Axis, y: Axis): string {
  const path = points.map((point) => `${short(toX(x, point.gradients))} ${short(toY(y, 100 * point.error))}`).join('L');
  const end = points.at(-1);
  const dot =
    end === undefined
      ? ''
      : `<circle class="f${seriesOf(i)}" cx="${short(toX(x, end.gradients))}" cy="${short(toY(y, 100 * end.error))}" r="4.5"/>`;
  const dash = dashes[seriesOf(i)];
  return `<path class="line s${seriesOf(i)}${i === 0 ? ' first' : ''}"${dash ? ` stroke-dasharray="${dash}"` : ''} d="M${path}"/>${dot}`;
}

/** The runs by name with their last errors, the best one on top. */
function legend(curves: readonly Curve[]): string {
  const left = plot.right + 32;
  const byError = [...curves.entries()].sort(([, a], [, b]) => (lastError(a) ?? 1) - (lastError(b) ?? 1));
  return byError
    .map(([i, curve], place) => {
      const y = plot.top + 14 + 48 * place;
      const dash = dashes[seriesOf(i)];
      const value = percent(lastError(curve) ?? Number.NaN, 1);
      return `<path class="line s${seriesOf(i)}${i === 0 ? ' first' : ''}"${dash ? ` stroke-dasharray="${dash}"` : ''} d="M${left} ${y - 5}h26"/><text class="name" x="${left + 36}" y="${y}">${escaped(curve.name)}</text><text class="value" x="${left + 36}" y="${y + 19}">${value} wrong</text>`;
    })
    .join('\n');
}

/**
 * Draws the error of runs on held-out images over their gradients as SVG: it follows the reader's light or dark scheme and loads
 * nothing.
 *
 * @param curves - Those without a point are left out.
 * @returns The whole file; undefined when no run has been evaluated.
 */
export function svgChart(all: readonly Curve[], { title, subtitle, split }: SvgChartOptions): string | undefined {
  const curves = all.filter(({ points }) => points.length > 0);
  if (curves.length === 0) return undefined;
  const points = curves.flatMap((curve) => curve.points);
  const x = axisOf([0, ...points.map(({ gradients }) => gradients)], 6);
  const y = axisOf(
    points.map(({ error }) => 100 * error),
    5,
  );
  const description = curves.map((c) => `${c.name}: ${percent(lastError(c) ?? Number.NaN, 1)}`).join('; ');
  return `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="img" aria-labelledby="chart-title chart-description">
<title id="chart-title">${escaped(title)}</title>
<desc id="chart-description">${escaped(`${split === 'test' ? 'Test' : 'Validation'} error at the end: ${description}.`)}</desc>
<style>${style}</style>
<rect class="ground" width="${size.width}" height="${size.height}" rx="8"/>
<text class="title" x="20" y="32">${escaped(title)}</text>
<text x="20" y="52">${escaped(subtitle)}</text>
${axes(x, y)}
${[...curves.entries()]
  .reverse()
  .map(([i, curve]) => line(curve, i, x, y))
  .join('\n')}
${legend(curves)}
</svg>
`;
}
