import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { Look } from './colors.ts';
import type { Line } from './lines.ts';
import { tooltip } from './tooltip.ts';

/** A curve with what it looks like and what it is called. */
export type Drawn = Line & { readonly look: Look; readonly dotted: boolean; readonly label: string };

export type ChartProps = {
  readonly title: string;
  readonly note: string;
  readonly lines: readonly Drawn[];
  /** Where x ends. */
  readonly end: () => number;
  readonly formatX: (x: number) => string;
  readonly formatY: (y: number) => string;
  readonly logarithmic: boolean;
  /** Whether the range of what a point stands for is drawn around the curves. */
  readonly ranges: boolean;
};

const colorOf = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Whether a line gets a band around it. */
const hasBand = ({ range }: Drawn, ranges: boolean): boolean => ranges && range !== undefined;

/** The places of all lines together, then each line there, with its range behind it where it has one. */
function aligned({ lines, ranges, logarithmic }: ChartProps): uPlot.AlignedData {
  // A logarithm of nothing, or of less, has no place.
  const shown = (values: Line['mean']) =>
    logarithmic ? values.map((value) => (value === null || value > 0 ? value : null)) : [...values];
  const tables = lines.map((line): uPlot.AlignedData => {
    const { x, mean, range } = line;
    if (range === undefined || !hasBand(line, ranges)) return [[...x], shown(mean)];
    return [[...x], shown(mean), shown(range.high), shown(range.low)];
  });
  return tables.length === 0 ? [[], []] : uPlot.join(tables);
}

/** What makes uPlot draw other series: the chart is built anew only when this changes. */
const shapeOf = ({ lines, ranges, logarithmic }: ChartProps): string =>
  JSON.stringify([lines.map((line) => [line.label, line.look, line.dotted, hasBand(line, ranges)]), logarithmic]);

function options(props: ChartProps, width: number, height: number): uPlot.Options {
  const { lines, ranges, logarithmic, formatX, formatY } = props;
  const axis = (format: (value: number) => string, size: number, space: number): uPlot.Axis => ({
    stroke: () => colorOf('--muted'),
    font: '12px system-ui, sans-serif',
    grid: { stroke: () => colorOf('--rule'), width: 1 },
    ticks: { show: false },
    size,
    gap: 4,
    space,
    values: (_, splits) => splits.map((value) => (value === null ? '' : format(value))),
  });
  // All charts end where the longest run does, unless somebody looks closer.
  const wholeOr = (plot: uPlot, least: number, most: number): uPlot.Range.MinMax => {
    const { 0: x } = plot.data;
    return least > (x[0] ?? 0) || most < (x.at(-1) ?? 0) ? [least, most] : [0, Math.max(props.end(), most, 1)];
  };
  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  const labelled = lines.map((line) => {
    const { look, dotted, label } = line;
    const index = series.length;
    const stroke = () => colorOf(look.color);
    series.push({
      label,
      stroke,
      width: dotted ? 1.5 : 2,
      spanGaps: true,
      dash: dotted ? [1.5, 3] : [...look.dash],
      points: { show: line.x.length === 1, size: 7, fill: stroke },
    });
    if (hasBand(line, ranges)) {
      const edge: uPlot.Series = { stroke: () => 'transparent', width: 0, spanGaps: true, points: { show: false } };
      series.push(edge, { ...edge });
      bands.push({ series: [index + 1, index + 2], fill: () => `${colorOf(look.color)}${dotted ? '18' : '30'}` });
    }
    return { index, label, color: look.color };
  });
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false }, sync: { key: 'steppe' }, points: { show: false } },
    padding: [8, 18, 0, 0],
    scales: { x: { time: false, range: wholeOr }, y: { distr: logarithmic ? 3 : 1 } },
    axes: [axis(formatX, 24, 64), axis(formatY, 54, 30)],
    series,
    bands,
    plugins: [tooltip(labelled, formatX, formatY)],
  };
}

/** What a reader who does not see the curves is told: where each one is now. */
const summary = ({ lines, formatY }: ChartProps): string =>
  lines
    .slice(0, 20)
    .map(({ label, mean }) => {
      const last = mean.findLast((value) => value !== null);
      return `${label} ${last === undefined || last === null ? 'nothing yet' : formatY(last)}`;
    })
    .join(', ');

/** Draws curves on a canvas as wide as its place; dragging across it looks closer, a double click back. */
export function Chart(props: ChartProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const shape = shapeOf(props);

  useEffect(() => {
    const element = place.current as HTMLDivElement;
    const made = new uPlot(options(props, element.clientWidth, element.clientHeight), aligned(props), element);
    plot.current = made;
    const sizes = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: element.clientHeight }));
    sizes.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const recolor = (): void => made.redraw();
    scheme.addEventListener('change', recolor);
    return () => {
      scheme.removeEventListener('change', recolor);
      sizes.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [shape, props.formatX]);

  useEffect(() => plot.current?.setData(aligned(props)), [props.lines]);

  return (
    <figure class="chart">
      <figcaption>
        <h2>{props.title}</h2>
        <p>{props.note}</p>
      </figcaption>
      <div class="plot" ref={place} role="img" aria-label={`${props.title}. ${summary(props)}.`} />
    </figure>
  );
}
