import type * as Plot from '@observablehq/plot';
import type { Picture } from '../report/charts.ts';
import { color, type LegendEntry, type PlotPart, plotPicture } from '../report/plot.ts';
import { logTicks } from './log-ticks.ts';

/** A curve of one run. */
export type RunCurve = {
  readonly name: string;
  readonly hue: number;
  readonly points: readonly (readonly [x: number, y: number])[];
};

/** The loss over a plane through one run: `losses[j][i]` at `xs[i]`, `ys[j]`. */
export type RunSurface = {
  readonly name: string;
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  readonly losses: readonly (readonly number[])[];
  /** What lies on it, in the order in which it is joined by a line. */
  readonly paths?: readonly RunCurve[];
};

/** What a picture says. */
export type PictureWords = {
  /** Of its file, without the ending. */
  readonly name: string;
  readonly title: string;
  readonly subtitle: string;
  readonly across: string;
  readonly up: string;
  /** Whether the vertical axis counts in powers of ten. */
  readonly isLog?: boolean;
  /** Whether the horizontal axis does. */
  readonly isLogAcross?: boolean;
};

const entriesOf = (curves: readonly RunCurve[]): readonly LegendEntry[] => [
  ...new Map(curves.map(({ name, hue }) => [name, { name, hue }])).values(),
];

const isDrawn =
  ({ isLog, isLogAcross }: Pick<PictureWords, 'isLog' | 'isLogAcross'>) =>
  ([x, y]: readonly [number, number]): boolean =>
    Number.isFinite(x) && Number.isFinite(y) && (!isLog || y > 0) && (!isLogAcross || x > 0);

/**
 * Draws curves of runs over each other.
 *
 * @returns undefined where there is nothing to draw.
 */
export async function curvesPicture(
  all: readonly RunCurve[],
  { name, title, subtitle, across, up, isLog: wantsLog = false, isLogAcross = false }: PictureWords,
): Promise<Picture | undefined> {
  // On such an axis what is not positive would be left out, in silence.
  const isLog = wantsLog && all.every(({ points }) => points.every(([, y]) => !(y <= 0)));
  const drawn = isDrawn({ isLog, isLogAcross });
  const curves = all.filter(({ points }) => points.filter(drawn).length > 1);
  if (curves.length === 0) return undefined;
  const { line, ruleX, ruleY } = await import('@observablehq/plot');
  const marks = [
    ...(isLog ? [] : [ruleY([0], { stroke: 'var(--grid)' })]),
    ...(curves.some(({ points }) => points.some(([x]) => x < 0)) ? [ruleX([0], { stroke: 'var(--grid)' })] : []),
    // The first one lies on top.
    ...[...curves].reverse().map(({ points, hue }) =>
      line([...points], {
        x: ([x]: readonly number[]) => x,
        // A line does not bridge what is not drawn: it would say that something is there.
        y: (point: readonly [number, number]) => (drawn(point) ? point[1] : Number.NaN),
        stroke: color(hue),
        strokeLinecap: 'round',
        strokeWidth: hue === 0 ? 3 : 2,
        ...(hue > 1 && { strokeDasharray: '7 4' }),
      }),
    ),
  ];
  const shown = (axis: 0 | 1) => curves.flatMap(({ points }) => points.filter(drawn).map((point) => point[axis]));
  const options: Plot.PlotOptions = {
    ...margins,
    x: { label: across, ...(isLogAcross && { type: 'log', grid: true, ...logTicks(shown(0), 8) }) },
    y: { label: up, grid: true, ...(isLog && { type: 'log', ...logTicks(shown(1), 8) }) },
    marks,
  };
  const words = {
    id: name,
    title,
    subtitle,
    description: `${title} of ${curves.map((curve) => curve.name).join(', ')}.`,
  };
  return { name, svg: await plotPicture(words, entriesOf(curves), [{ height: 380, options }]) };
}

const margins = { marginLeft: 72, marginRight: 24, marginTop: 30, marginBottom: 44 } as const;

/** So many colors between the least loss and the largest one that is told apart. */
const levels = 14;

/** Losses that are told apart: up to what is this much above the least, where a network has long lost all it knew. */
const range = 1e4;

/** Steps of equal ratio between the least loss and the largest one. */
function thresholds(losses: readonly number[]): readonly number[] {
  const least = Math.min(...losses);
  const most = Math.max(Math.min(Math.max(...losses), least * range), least * 1.001);
  return Array.from({ length: levels + 1 }, (_, i) => least * (most / least) ** (i / levels));
}

const ramp = (steps: readonly number[]): Plot.ScaleOptions => ({
  type: 'log',
  domain: [steps[0] as number, steps.at(-1) as number],
  scheme: 'YlGnBu',
  reverse: true,
  clamp: true,
});

/** What the colors mean, as a plot below the others. */
const key = (steps: readonly number[], { rect }: typeof Plot): PlotPart => ({
  height: 62,
  options: {
    marginLeft: 72,
    marginRight: 24,
    marginTop: 4,
    marginBottom: 42,
    x: {
      type: 'log',
      label: 'loss',
      domain: [steps[0] as number, steps.at(-1) as number],
      ...logTicks(steps, 6),
    },
    color: ramp(steps),
    marks: [
      rect(
        steps.slice(1).map((end, i) => ({ start: steps[i] as number, end })),
        { x1: 'start', x2: 'end', fill: ({ start, end }: { start: number; end: number }) => Math.sqrt(start * end) },
      ),
    ],
  },
});

/**
 * Draws the loss over planes, those of several runs beside each other in the same colors.
 *
 * @returns undefined where there is nothing to draw.
 */
export async function surfacesPicture(
  surfaces: readonly RunSurface[],
  { name, title, subtitle, across, up }: PictureWords,
): Promise<Picture | undefined> {
  const cells = surfaces.flatMap(({ name: run, xs, ys, losses }) =>
    ys.flatMap((y, j) => xs.map((x, i) => ({ run, x, y, loss: losses[j]?.[i] ?? Number.NaN }))),
  );
  const known = cells.map(({ loss }) => loss).filter((loss) => Number.isFinite(loss) && loss > 0);
  if (known.length === 0) return undefined;
  const plot = await import('@observablehq/plot');
  const steps = thresholds(known);
  const most = steps.at(-1) as number;
  const paths = surfaces.flatMap((surface) =>
    (surface.paths ?? [{ name: '', hue: 1, points: [[0, 0] as const] }]).map((path) => ({
      ...path,
      run: surface.name,
    })),
  );
  const many = surfaces.length > 1;
  const facet = many ? { fx: 'run' } : {};
  const marks = [
    plot.contour(
      // A contour around what is no number would be none.
      cells.map((cell) => ({
        ...cell,
        loss: Number.isFinite(cell.loss) ? Math.min(Math.max(cell.loss, 1e-30), most) : most,
      })),
      {
        x: 'x',
        y: 'y',
        fill: 'loss',
        ...facet,
        interpolate: 'barycentric',
        pixelSize: 5,
        thresholds: [...steps],
        stroke: 'var(--ink)',
        strokeWidth: 0.3,
      },
    ),
    ...paths.flatMap(({ run, hue, points }) => {
      const at = points.map(([x, y]) => ({ run, x, y }));
      const look = { x: 'x', y: 'y', ...facet } as const;
      return [
        ...(points.length > 1 ? [plot.line(at, { ...look, stroke: color(hue), strokeWidth: 2 })] : []),
        plot.dot(at, { ...look, fill: color(hue), r: 3 }),
        plot.dot(at.slice(-1), { ...look, fill: color(hue), stroke: 'var(--ground)', r: 6 }),
      ];
    }),
  ];
  const options: Plot.PlotOptions = {
    ...margins,
    ...(many && { fx: { label: null, domain: surfaces.map((surface) => surface.name) }, marginTop: 40 }),
    x: { label: across, nice: false },
    y: { label: up, nice: false },
    color: ramp(steps),
    marks,
  };
  const words = {
    id: name,
    title,
    subtitle,
    description: `${title} of ${surfaces.map((one) => one.name).join(', ')}.`,
  };
  return {
    name,
    svg: await plotPicture(words, entriesOf(paths.filter((path) => path.name !== '')), [
      { height: many ? Math.max(300, Math.round(880 / surfaces.length)) : 560, options },
      key(steps, plot),
    ]),
  };
}
