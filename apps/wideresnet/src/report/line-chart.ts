import { type Axis, axisOf, placeOn } from './axis.ts';
import { chartStyle, hues } from './chart-style.ts';
import { escaped } from './escape.ts';
import { grouped } from './format.ts';

/** A line of a chart, from left to right. */
export type ChartLine = {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** What the legend says below the name. */
  readonly note?: string | undefined;
  /** Which of the colors; lines of one run share theirs. */
  readonly hue: number;
  /** How its strokes are broken, as SVG has it. */
  readonly dash?: string | undefined;
  /** Whether it is the line to look at. */
  readonly isFirst?: boolean | undefined;
};

/** What a chart says beside its lines. */
export type ChartWords = {
  readonly title: string;
  readonly subtitle: string;
  /** Below the horizontal axis. */
  readonly across: string;
  /** Above the vertical axis. */
  readonly up: string;
  /** What the vertical marks count in, such as ` %`. */
  readonly unit: string;
  /** One sentence for those who cannot see it. */
  readonly description: string;
  /** Tells the elements of several charts of one page apart. */
  readonly id: string;
};

const size = { width: 920, height: 460 } as const;
const plot = { left: 62, right: 640, top: 104, bottom: 396 } as const;

const toX = (axis: Axis, value: number): number => plot.left + placeOn(axis, value) * (plot.right - plot.left);
const toY = (axis: Axis, value: number): number => plot.bottom - placeOn(axis, value) * (plot.bottom - plot.top);
const short = (n: number): string => String(Math.round(10 * n) / 10);

const mark = (n: number): string => (Math.abs(n) >= 1e-3 || n === 0 ? grouped(n, 6) : n.toExponential());

function axes(x: Axis, y: Axis, { across, up, unit }: ChartWords): string {
  const rows = y.ticks.map((tick) => {
    const at = short(toY(y, tick));
    return `<path class="grid" d="M${plot.left} ${at}H${plot.right}"/><text x="${plot.left - 8}" y="${at}" dy="4" text-anchor="end">${mark(tick)}${unit}</text>`;
  });
  const columns = x.ticks.map(
    (tick) => `<text x="${short(toX(x, tick))}" y="${plot.bottom + 20}" text-anchor="middle">${mark(tick)}</text>`,
  );
  return [
    ...rows,
    ...columns,
    `<text x="${(plot.left + plot.right) / 2}" y="${plot.bottom + 44}" text-anchor="middle">${escaped(across)}</text>`,
    `<text x="${plot.left}" y="${plot.top - 14}">${escaped(up)}</text>`,
  ].join('\n');
}

const strokeOf = ({ hue, dash, isFirst }: ChartLine): string =>
  `class="line s${hue % hues}${isFirst ? ' first' : ''}"${dash ? ` stroke-dasharray="${dash}"` : ''}`;

function drawn(line: ChartLine, x: Axis, y: Axis): string {
  const places = line.points.map(([across, up]) => `${short(toX(x, across))} ${short(toY(y, up))}`);
  const [cx, cy] = places.at(-1)?.split(' ') ?? [];
  return `<path ${strokeOf(line)} d="M${places.join('L')}"/><circle class="f${line.hue % hues}" cx="${cx}" cy="${cy}" r="4.5"/>`;
}

/** The lines by name, as many as there is room for; the rest is counted. */
function legend(lines: readonly ChartLine[]): string {
  const left = plot.right + 32;
  const room = Math.floor((size.height - plot.top - 20) / 48);
  const shown = lines.length > room ? lines.slice(0, room - 1) : lines;
  const names = shown.map((line, place) => {
    const y = plot.top + 14 + 48 * place;
    const note =
      line.note === undefined ? '' : `<text class="value" x="${left + 36}" y="${y + 19}">${escaped(line.note)}</text>`;
    return `<path ${strokeOf(line)} d="M${left} ${y - 5}h26"/><text class="name" x="${left + 36}" y="${y}">${escaped(line.name)}</text>${note}`;
  });
  const rest = lines.length - shown.length;
  const more =
    rest === 0 ? [] : [`<text x="${left + 36}" y="${plot.top + 14 + 48 * shown.length}">and ${rest} more</text>`];
  return [...names, ...more].join('\n');
}

/**
 * Draws lines over two axes with round marks as SVG: it follows the reader's light or dark scheme and loads nothing.
 *
 * @param lines - In the order of the legend; those without a finite point are left out, the first lies on top.
 * @returns The whole file; undefined when there is nothing to draw.
 */
export function lineChart(all: readonly ChartLine[], words: ChartWords): string | undefined {
  const lines = all
    .map((line) => ({ ...line, points: line.points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y)) }))
    .filter(({ points }) => points.length > 0);
  if (lines.length === 0) return undefined;
  const points = lines.flatMap((line) => line.points);
  const x = axisOf([0, ...points.map(([across]) => across)], 6);
  const y = axisOf(
    points.map(([, up]) => up),
    5,
  );
  const { id, title, subtitle, description } = words;
  return `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="img" aria-labelledby="${id}-title ${id}-description">
<title id="${id}-title">${escaped(title)}</title>
<desc id="${id}-description">${escaped(description)}</desc>
<style>${chartStyle}</style>
<rect class="ground" width="${size.width}" height="${size.height}" rx="8"/>
<text class="title" x="20" y="32">${escaped(title)}</text>
<text x="20" y="52">${escaped(subtitle)}</text>
${axes(x, y, words)}
${[...lines]
  .reverse()
  .map((line) => drawn(line, x, y))
  .join('\n')}
${legend(lines)}
</svg>
`;
}
