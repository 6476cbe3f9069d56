import type { Curves } from '../run.ts';
import { brief, percent, plain } from './format.ts';

/** A chart: which curves of a run it shows, the first drawn full, the others dotted. */
export type Plot = {
  readonly title: string;
  readonly note: string;
  readonly curves: readonly { readonly split: string; readonly name: string }[];
  readonly format: (value: number) => string;
};

const of = (split: string, ...names: readonly string[]) => names.map((name) => ({ split, name }));

/** What every run of SAM logs of its steps. */
const known: readonly Plot[] = [
  { title: 'Loss', note: 'at w; at w + ε̂ dotted', curves: of('train', 'loss', 'perturbedLoss'), format: plain },
  { title: 'Sharpness', note: 'L(w + ε̂) − L(w)', curves: of('train', 'sharpness'), format: plain },
  { title: 'Gradient norm', note: '‖∇L(w)‖', curves: of('train', 'gradientNorm'), format: plain },
  { title: 'Norm of ε̂', note: '‖ε̂‖', curves: of('train', 'epsilonHatNorm'), format: plain },
  { title: 'Learning rate', note: 'the factor of a step', curves: of('train', 'learningRate'), format: plain },
  { title: 'ρ', note: 'the radius', curves: of('train', 'rho'), format: plain },
  { title: 'Images per second', note: 'evaluations included', curves: of('train', 'imagesPerSecond'), format: brief },
  { title: 'Steps per second', note: 'evaluations included', curves: of('train', 'stepsPerSecond'), format: brief },
];

const taken = new Set(known.flatMap(({ curves }) => curves.map(({ name }) => name)));

/** A share among the names that are not ours to know. */
const isShare = (name: string): boolean => /error|accuracy|share/i.test(name);

/** What the data of evaluations are called, the one that decides first. */
const splitsIn = (all: readonly Curves[]): readonly string[] =>
  [...new Set(all.flatMap((curves) => Object.keys(curves)))].filter((split) => split !== 'train').sort();

const columnsIn = (all: readonly Curves[], split: string): readonly string[] => [
  ...new Set(all.flatMap((curves) => Object.keys(curves[split]?.columns ?? {}))),
];

const titled = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** The charts that some runs have anything for, those of held-out data after the loss. */
export function plotsOf(all: readonly Curves[]): readonly Plot[] {
  const has = (split: string, name: string): boolean => all.some((curves) => curves[split]?.columns[name]);
  const splits = splitsIn(all);
  const measured = ['error', 'loss', ...splits.flatMap((split) => columnsIn(all, split))];
  const heldOut = [...new Set(measured)].map((name): Plot => {
    const where = splits.filter((split) => has(split, name));
    const note = where.map((split, i) => (i === 0 ? split : `${split} dotted`)).join(', ');
    return {
      title: `${where.length === 1 ? titled(where[0] ?? '') : 'Held-out'} ${name}`,
      note: `on images that are not learned from${where.length > 1 ? `: ${note}` : ''}`,
      curves: where.map((split) => ({ split, name })),
      format: isShare(name) ? percent : plain,
    };
  });
  const others = columnsIn(all, 'train')
    .filter((name) => !taken.has(name))
    .map((name): Plot => {
      const format = isShare(name) ? percent : plain;
      return { title: titled(name), note: 'of the training batches', curves: of('train', name), format };
    });
  const [loss, ...rest] = known;
  return [...(loss ? [loss] : []), ...heldOut, ...rest, ...others].filter(({ curves }) =>
    curves.some(({ split, name }) => has(split, name)),
  );
}
