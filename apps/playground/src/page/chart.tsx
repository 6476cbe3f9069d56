import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { colorOf } from './color.ts';

/** One line of a chart. */
export type Series = {
  readonly color: 'sgd' | 'sam' | 'ink';
  /** Marks single points rather than drawing a line. */
  readonly dots?: boolean;
};

export type ChartProps = {
  readonly title: string;
  readonly note: string;
  /** What a reader who does not see the curves is told. */
  readonly summary: string;
  readonly series: readonly Series[];
  /** The places along x, then the values of each series there. */
  readonly data: uPlot.AlignedData;
  readonly formatX?: (x: number) => string;
  readonly formatY?: (y: number) => string;
  /** The least span of x, so that the first points do not fill the width. */
  readonly range: (least: number, most: number) => readonly [number, number];
  /** Whether y begins at 0, so that heights compare; else the curve's shape fills the chart. */
  readonly fromZero?: boolean;
};

/** One point makes no line, and is marked. */
const isAlone = ({ data }: uPlot, series: number): boolean =>
  Array.from(data[series] ?? []).filter((value) => typeof value === 'number').length === 1;

function options(props: ChartProps, width: number, height: number): uPlot.Options {
  const axis = (format: ((value: number) => string) | undefined, size: number): uPlot.Axis => ({
    stroke: () => colorOf('muted'),
    font: '12px system-ui, sans-serif',
    grid: { stroke: () => colorOf('rule'), width: 1 },
    ticks: { show: false },
    size,
    gap: 4,
    ...(format && { values: (_, splits) => splits.map(format) }),
  });
  return {
    width,
    height,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 12, 0, 0],
    scales: {
      x: { time: false, range: (_, least, most) => [...props.range(least, most)] },
      y: {
        range: (_, least, most) =>
          // Null before there are data.
          least === null ? [0, 1] : uPlot.rangeNum(props.fromZero ? Math.min(0, least) : least, most, 0.1, true),
      },
    },
    axes: [
      { ...axis(props.formatX, 24), space: 56 },
      { ...axis(props.formatY, 48), space: 32 },
    ],
    series: [
      {},
      ...props.series.map(
        ({ color, dots }): uPlot.Series => ({
          stroke: () => colorOf(color),
          width: 2,
          spanGaps: true,
          // SGD is dashed as well: the two differ without colour.
          ...(color === 'sgd' && { dash: [6, 4] }),
          points: { show: dots ? true : isAlone, size: dots ? 11 : 8, fill: () => colorOf(color) },
          ...(dots && { paths: () => null }),
        }),
      ),
    ],
  };
}

/** Draws curves on a canvas as wide as its place. */
export function Chart(props: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);

  useEffect(() => {
    const element = place.current as HTMLDivElement;
    const made = new uPlot(options(props, element.clientWidth, element.clientHeight), props.data, element);
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
    };
  }, []);

  useEffect(() => plot.current?.setData(props.data), [props.data]);

  return (
    <figure class="chart">
      <figcaption>
        <h2>{props.title}</h2>
        <p>{props.note}</p>
      </figcaption>
      <div class="plot" ref={place} role="img" aria-label={`${props.title}. ${props.summary}`} />
    </figure>
  );
}
