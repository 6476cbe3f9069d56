import type { JSX } from 'preact';
import { useCallback, useMemo, useRef } from 'preact/hooks';
import type { Curves, Run } from '../run.ts';
import { Chart, type Drawn } from './chart.tsx';
import type { Look } from './colors.ts';
import { type Axis, brief, clock } from './format.ts';
import { lineOf } from './lines.ts';
import { type Plot, plotsOf } from './plots.ts';

export type ChartsProps = {
  readonly runs: readonly Run[];
  readonly curves: ReadonlyMap<string, Curves>;
  readonly looks: ReadonlyMap<string, Look>;
  readonly axis: Axis;
  readonly logarithmic: boolean;
};

/** Bands of more runs would be a grey sea. */
const mostBands = 12;

/** The curves of a chart, run by run. */
const linesOf = (plot: Plot, { runs, curves, looks, axis }: ChartsProps): readonly Drawn[] =>
  runs.flatMap(({ name }) => {
    const [of, look] = [curves.get(name), looks.get(name)];
    if (of === undefined || look === undefined) return [];
    return plot.curves.flatMap(({ split, name: curve }, i) => {
      const line = lineOf(of, split, curve, axis);
      const which = i === 0 ? '' : split === 'train' ? ' at w + ε̂' : ` (${split})`;
      return line === undefined ? [] : [{ ...line, look, dotted: i > 0, label: `${name}${which}` }];
    });
  });

/** All charts of the runs that are shown. */
export function Charts(props: ChartsProps): JSX.Element {
  const { runs, curves, axis, logarithmic } = props;
  const shown = useMemo(
    () => runs.map(({ name }) => curves.get(name)).filter((one) => one !== undefined),
    [runs, curves],
  );
  const longest = Math.max(0, ...runs.map(({ seconds }) => seconds));
  const inHours = longest >= 10_800;
  const inMinutes = longest >= 180;
  // One function for one unit: another one would build every chart anew.
  const formatX = useMemo(
    () => (axis === 'seconds' ? (x: number) => clock(x, longest) : brief),
    [axis, inHours, inMinutes],
  );
  const most = useRef(0);
  most.current = Math.max(0, ...runs.map((run) => run[axis]));
  // Charts are built once and ask for the end whenever they draw.
  const end = useCallback(() => most.current, []);
  const drawn = useMemo(
    () => plotsOf(shown).map((plot) => ({ plot, lines: linesOf(plot, props) })),
    [shown, axis, props.looks],
  );
  return (
    <div class="charts">
      {drawn.map(({ plot, lines }) => (
        <Chart
          key={plot.title}
          title={plot.title}
          note={plot.note}
          lines={lines}
          end={end}
          formatX={formatX}
          formatY={plot.format}
          logarithmic={logarithmic}
          ranges={runs.length <= mostBands}
        />
      ))}
    </div>
  );
}
