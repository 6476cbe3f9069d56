import { type Curve, lastError } from './curve.ts';
import { percent } from './format.ts';
import { lineChart } from './line-chart.ts';

/** What a chart of errors says beside its curves. */
export type SvgChartOptions = {
  readonly title: string;
  readonly subtitle: string;
  /** The images that errors are measured on. */
  readonly split: 'validation' | 'test';
};

/** By the order of the runs: the first is the one to look at; the others differ in dash as well as in color. */
export const dashes = ['', '', '7 4', '2 4', '10 4 2 4'] as const;

/** What the horizontal axis of every chart counts. */
export const gradientsAxis = 'gradients of a batch since the start (SAM takes two a step, SGD one)';

const lastOf = (curve: Curve): number => lastError(curve) ?? Number.NaN;

/**
 * Draws the error of runs on held-out images over their gradients as SVG, the best one on top of the legend.
 *
 * @param curves - Those without a point are left out.
 * @returns The whole file; undefined when no run has been evaluated.
 */
export function svgChart(all: readonly Curve[], { title, subtitle, split }: SvgChartOptions): string | undefined {
  const curves = all.map((curve, hue) => ({ curve, hue })).filter(({ curve: { points } }) => points.length > 0);
  const byError = [...curves].sort((a, b) => lastOf(a.curve) - lastOf(b.curve));
  const inWords = curves.map(({ curve }) => `${curve.name}: ${percent(lastOf(curve), 1)}`).join('; ');
  return lineChart(
    byError.map(({ curve, hue }) => ({
      name: curve.name,
      note: `${percent(lastOf(curve), 1)} wrong`,
      points: curve.points.map(({ gradients, error }) => [gradients, 100 * error] as const),
      hue,
      dash: dashes[hue % dashes.length],
      isFirst: hue === 0,
    })),
    {
      id: 'chart',
      title,
      subtitle,
      across: gradientsAxis,
      up: 'images that come out wrong',
      unit: ' %',
      description: `${split === 'test' ? 'Test' : 'Validation'} error at the end: ${inWords}.`,
    },
  );
}
