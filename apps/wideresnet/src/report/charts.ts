import type { Curves, RunRead } from '@steppe/watch';
import { type ChartLine, lineChart } from './line-chart.ts';
import { dashes, gradientsAxis } from './svg-chart.ts';

/** A run as charts show it. */
export type Shown = { readonly name: string; readonly curves: RunRead['curves'] };

/** A picture by the name of its file, without the ending. */
export type Picture = { readonly name: string; readonly svg: string };

/** What of a run's steps is drawn together. */
type Kind = {
  readonly name: string;
  readonly title: string;
  readonly up: string;
  /** A curve each: what it is called beside the run's name, and how its strokes are broken. */
  readonly curves: readonly { readonly of: string; readonly beside?: string; readonly dash?: string }[];
};

const kinds: readonly Kind[] = [
  {
    name: 'loss',
    title: 'Training loss',
    up: 'loss of the batch, at the weights w and at the worst point near them',
    curves: [{ of: 'loss' }, { of: 'perturbedLoss', beside: 'w + ε̂', dash: '5 3' }],
  },
  { name: 'sharpness', title: 'Sharpness', up: 'L(w + ε̂) − L(w) of the batch', curves: [{ of: 'sharpness' }] },
  { name: 'gradient-norm', title: 'Gradient', up: 'norm of the gradient at w', curves: [{ of: 'gradientNorm' }] },
  { name: 'epsilon-hat-norm', title: 'Perturbation', up: '‖ε̂‖', curves: [{ of: 'epsilonHatNorm' }] },
  { name: 'learning-rate', title: 'Learning rate', up: 'factor of the step', curves: [{ of: 'learningRate' }] },
  { name: 'rho', title: 'Radius', up: 'ρ', curves: [{ of: 'rho' }] },
];

const digits = (value: number): string => String(Number(value.toPrecision(3)));

/** The means of a sampled curve over the gradients spent. */
function pointsOf({ train }: Curves, of: string): readonly (readonly [number, number])[] {
  const means = train?.columns[of]?.mean ?? [];
  return means.flatMap((mean, i) => (mean === null ? [] : [[train?.gradients[i] ?? 0, mean] as const]));
}

function linesOf({ name, curves }: Shown, hue: number, kind: Kind): readonly ChartLine[] {
  return kind.curves.map(({ of, beside, dash }) => {
    const points = pointsOf(curves, of);
    const last = points.at(-1)?.[1];
    return {
      name: beside === undefined ? name : `${name}, ${beside}`,
      note: last === undefined ? undefined : digits(last),
      points,
      hue,
      dash: dash ?? dashes[hue % dashes.length],
      isFirst: hue === 0 && beside === undefined,
    };
  });
}

/**
 * Draws what the steps of some runs were like, a picture for each kind of curve that any of them has.
 *
 * @param runs - The first is the one to look at.
 * @param subtitle - What the runs are.
 */
export const picturesOf = (runs: readonly Shown[], subtitle: string): readonly Picture[] =>
  kinds.flatMap((kind) => {
    const lines = runs.flatMap((run, hue) => linesOf(run, hue, kind));
    const words = {
      id: kind.name,
      title: kind.title,
      subtitle,
      across: gradientsAxis,
      up: kind.up,
      unit: '',
      description: `${kind.title} of ${runs.map(({ name }) => name).join(', ')} over the gradients spent.`,
    };
    const svg = lineChart(lines, words);
    return svg === undefined ? [] : [{ name: kind.name, svg }];
  });
