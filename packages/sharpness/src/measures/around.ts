import { checkSelection, merge, only } from '@steppe/transforms/parts';
import { checkParameters, plus, pure, type Tree, times } from '@steppe/tree';
import { checkWeights } from '../check-weights.ts';
import { checkLike, type Wanted } from '../operators/operator.ts';

/** Which weights move, and how far each does in proportion. */
export type MovingOptions<P extends Tree> = {
  /** Chooses the leaves that move. @defaultValue all */
  readonly wanted?: Wanted | undefined;
  /**
   * T, with the structure of the parameters: weight i moves by εᵢ = Tᵢ·zᵢ, where z is in the ball. `magnitudes(params)`
   * makes the measure adaptive: it is then the same for networks that are rescalings of each other.
   * @defaultValue 1 everywhere
   */
  readonly scale?: P | undefined;
};

/** The points w + T∘z around some weights, by their z, which has `null` for the leaves that do not move. */
export type Around<P extends Tree> = {
  /** What is restricted to the leaves that move. */
  readonly moving: (tree: P) => P;
  /** w + T∘z, whole. */
  readonly at: (z: P) => P;
  /** T∘g over the leaves that move: the gradient in z. */
  readonly slope: (grads: P) => P;
};

/** @throws When the parameters are none, `wanted` chooses no leaf, or the scale differs from the parameters in structure or shape. */
export function around<P extends Tree>(what: string, params: P, { wanted, scale }: MovingOptions<P>): Around<P> {
  checkWeights(what, params);
  checkParameters(params);
  if (wanted) checkSelection(`wanted of ${what}`, params, wanted);
  if (scale !== undefined) checkLike('scale', scale, params);
  const moving = (tree: P): P => (wanted ? only(tree, wanted) : tree);
  const stretch = (z: P): P => (scale === undefined ? z : times(z, moving(scale)));
  return {
    moving,
    at: (z) => pure(() => merge(params, plus(moving(params), stretch(z)))),
    slope: (grads) => pure(() => stretch(moving(grads))),
  };
}
