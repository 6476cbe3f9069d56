import { key } from '@steppe/random';
import {
  effectiveDimension,
  eigenvalueRatio,
  frobeniusNorm,
  hessian,
  linspace,
  relativeFlatness,
  spectralDensity,
  trace,
} from '@steppe/sharpness';
import { leaves, type Tree } from '@steppe/tree';
import { measureTable } from './table.ts';
import { type Measured, reading, type Take, type Taking } from './taking.ts';

/** The Hessian of the loss over all images, as an operator. */
export const hessianOf = ({
  loss,
  params,
  images,
  wanted,
  walk,
}: Pick<Taking, 'loss' | 'params' | 'images' | 'wanted' | 'walk'>) =>
  hessian(loss.loss, params, images, { ...(wanted && { wanted }), ...walk });

export const drawn = ({ seed }: Pick<Taking, 'seed'>) => ({ key: key(seed) });

/** The last kernel of a network, which maps its features to its classes. */
function classifierOf(params: Tree): string {
  const kernel = leaves(params).findLast(({ path, leaf }) => leaf.rank === 2 && path.startsWith('.dense'));
  if (kernel === undefined) throw new Error('The network has no dense layer at its end.');
  return kernel.path;
}

/** How wide the bell of an eigenvalue is drawn, as a share of the spectrum. */
const width = 0.01;

/** What is drawn of a density, as a share of its peak. */
const visible = 1e-7;

type Estimated = { readonly value: number; readonly standardError: number | null };

const estimated = <T extends Estimated>(name: keyof typeof measureTable, found: T): Measured => ({
  readings: [reading(measureTable[name].title, found.value, found.standardError)],
  found,
});

/** The measures of the curvature at the weights. */
export const takeSpectra = {
  eigenvalues: async (t) => {
    const found = await t.top();
    const { values, bounds, converged, products } = found;
    const ratio = eigenvalueRatio(found);
    const rough = converged ? {} : { note: 'not converged' };
    return {
      readings: [
        { ...reading(measureTable.eigenvalues.title, values[0] as number, bounds[0], 'bound'), ...rough },
        { ...reading('λ_max / λ_5', ratio.value, ratio.bound, 'bound'), ...rough },
      ],
      found: { values, bounds, converged, products },
    };
  },
  trace: async (t) => estimated('trace', await trace(hessianOf(t), drawn(t))),
  frobenius: async (t) => estimated('frobenius', await frobeniusNorm(hessianOf(t), drawn(t))),
  'effective-dimension': async (t) =>
    estimated('effective-dimension', await effectiveDimension(hessianOf(t), 1, drawn(t))),
  spectrum: async (t) => {
    const { range, nodes, weights, dimension, products, at } = await spectralDensity(hessianOf(t), {
      probes: 3,
      steps: 30,
      ...drawn(t),
    });
    const [least, largest] = range;
    const bell = width * (largest - least || 1);
    const grid = linspace(least - 4 * bell, largest + 4 * bell, 301);
    const { density, standardError } = at(grid, bell);
    const peak = Math.max(...density);
    return {
      readings: [reading('least eigenvalue', least), reading('largest eigenvalue, by the spectrum', largest)],
      found: { range, nodes, weights, dimension, products, grid, density, standardError, width: bell },
      points: density.map((y, i) => [grid[i] as number, y > visible * peak ? y : Number.NaN] as const),
    };
  },
  'relative-flatness': async (t) =>
    estimated(
      'relative-flatness',
      await relativeFlatness(hessianOf(t), { layer: classifierOf(t.params), ...drawn(t) }),
    ),
} satisfies { readonly [name: string]: Take };
