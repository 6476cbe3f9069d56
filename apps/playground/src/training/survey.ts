import type { Batch } from '@steppe/datasets';
import { hessian, lambdaMax, lossSurface } from '@steppe/sharpness';
import { clone, dispose } from '@steppe/tree';
import type { Contest, Pair } from './contest.ts';
import type { Params } from './network.ts';
import { type Plane, type Point, planeThrough, projected } from './plane.ts';
import { type Region, regionAround } from './region.ts';
import type { Turn } from './slices.ts';
import { flat } from './trail.ts';

/** λ_max of the Hessian of the loss at the weights of each, and how far it may be from an eigenvalue. */
export type Curvature = { readonly step: number; readonly lambdaMax: Pair; readonly bound: Pair };

/** The loss on the plane through the start, SGD and SAM. */
export type Landscape = Region & {
  readonly step: number;
  /** `values[j][i]` is the loss at `xs[i]`, `ys[j]`. */
  readonly values: readonly (readonly number[])[];
  /** The ways of both from the start, projected onto the plane; their ends lie on it. */
  readonly ways: { readonly [name in keyof Pair]: readonly Point[] };
};

/** What a survey tells as soon as it knows it. */
export type Finding =
  | { readonly type: 'curvature'; readonly curvature: Curvature }
  | { readonly type: 'landscape'; readonly landscape: Landscape };

/** The largest eigenvalue, with its vector. */
type Sharpest = Awaited<ReturnType<typeof lambdaMax<Params>>>;

/** Errors are of the order of the bound's square, relative to λ_max: 1 % here. */
const SEARCH = { tolerance: 0.1, products: 30 } as const;

/** The first picture comes soon; the others are finer. */
const FINENESS = { first: 1, later: 2 } as const;

/**
 * Measures, slice by slice, λ_max at both weights and the loss on the plane through them and the start.
 *
 * A slice is one product of the Hessian, or the loss at one place.
 */
export function surveyor(
  { standing, loss, few }: Contest,
  tell: (finding: Finding) => void,
): (turn: Turn) => Promise<void> {
  const before = new Map<keyof Pair, Sharpest>();
  let pictures = 0;

  return async (turn) => {
    const { step, start, sgd, sam, trails } = standing();
    let plane: Plane<Params> | undefined;
    async function* examples(): AsyncGenerator<Batch> {
      await turn();
      yield clone(few);
    }
    const top = async (name: keyof Pair, params: Params): Promise<Sharpest> => {
      const found = await lambdaMax(hessian(loss, params, examples), { ...SEARCH, from: before.get(name) });
      before.set(name, found);
      return found;
    };
    try {
      const ofSgd = await top('sgd', sgd);
      const ofSam = await top('sam', sam);
      const both = (key: 'value' | 'bound'): Pair => ({ sgd: ofSgd[key], sam: ofSam[key] });
      tell({ type: 'curvature', curvature: { step, lambdaMax: both('value'), bound: both('bound') } });
      plane = await planeThrough(start, sgd, sam);
      if (plane === undefined) return;
      const ways = {
        sgd: await projected(plane, [...trails.sgd, await flat(sgd)]),
        sam: await projected(plane, [...trails.sam, await flat(sam)]),
      };
      const region = regionAround([...ways.sgd, ...ways.sam], pictures === 0 ? FINENESS.first : FINENESS.later);
      const { values } = await lossSurface(loss, plane.middle, [plane.right, plane.up], examples, region);
      pictures += 1;
      tell({ type: 'landscape', landscape: { step, ...region, values, ways } });
    } finally {
      dispose(start, sgd, sam, plane);
    }
  };
}
