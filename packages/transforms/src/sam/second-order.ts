import { plus, type Tree, times, zerosLike } from '@steppe/tree';
import type { HessianProduct } from '../contract.ts';
import { merge } from '../links/select.ts';
import { scalingPullback } from './adaptive.ts';
import type { Neighborhood } from './neighborhood.ts';

/**
 * The part of d/dw L(w + ε̂(w)) that the first order drops: (∂ε̂/∂w)ᵀ g′, with g′ = ∇L(w + ε̂).
 *
 * With ε̂ = T·E(T·g), E the plain ε̂ and J = ∂E/∂(T·g), which is symmetric, this is H·(T·J·(T·g′)), and for T = |w| + η
 * also (∂T/∂w)ᵀ(g′ ⊙ E + g ⊙ J·(T·g′)). H is the Hessian at w. J is zero for p = 1 and p = ∞, and the product is
 * spared; with groups it is block diagonal.
 *
 * @see Foret et al., ICLR 2021, section 2, the display before equation (3).
 */
export function hessianTerm<P extends Tree, Batch extends Tree>(
  { params, ball, adaptive, moving, stretch, slope }: Neighborhood<P>,
  hvp: HessianProduct<P, Batch>,
  batch: Batch,
  grads: P,
  perturbed: P,
  epsilon: P,
): P {
  const turned = ball.turn(slope(grads), slope(perturbed));
  const everywhere = (tree: P): P => merge(zerosLike(params), tree);
  const throughGradient = ball.turns ? hvp(params, batch, everywhere(stretch(turned))) : zerosLike(params);
  if (adaptive === undefined) return throughGradient;
  const stretched = plus(times(moving(perturbed), epsilon), times(moving(grads), turned));
  return plus(throughGradient, everywhere(scalingPullback(moving(params), stretched, adaptive)));
}
