import { plus, type Tree, times, zerosLike } from '@steppe/tree';
import type { HessianProduct } from '../contract.ts';
import { merge } from '../links/select.ts';
import { scalingPullback } from './adaptive.ts';
import { epsilonHatDerivative } from './epsilon-hat-derivative.ts';
import type { Neighborhood } from './neighborhood.ts';

/**
 * The part of d/dw L(w + ε̂(w)) that the first order drops: (∂ε̂/∂w)ᵀ g′, with g′ = ∇L(w + ε̂).
 *
 * With ε̂ = T·E(T·g), E the plain ε̂ and J = ∂E/∂(T·g), which is symmetric, this is H·(T·J·(T·g′)), and for T = |w| + η
 * also (∂T/∂w)ᵀ(g′ ⊙ E + g ⊙ J·(T·g′)). H is the Hessian at w. J is zero for p = 1 and p = ∞, and the product is
 * spared.
 *
 * @see Foret et al., ICLR 2021, section 2, the display before equation (3).
 */
export function hessianTerm<P extends Tree, Batch extends Tree>(
  near: Neighborhood<P>,
  hvp: HessianProduct<P, Batch>,
  batch: Batch,
  evaluated: { readonly grads: P; readonly perturbedGrads: P; readonly epsilon: P },
): P {
  const { params, rho, p, adaptive } = near;
  const [g, perturbed] = [near.moving(evaluated.grads), near.moving(evaluated.perturbedGrads)];
  const turned = epsilonHatDerivative(near.stretch(g), near.stretch(perturbed), rho, p);
  const everywhere = (tree: P): P => merge(zerosLike(params), tree);
  const smooth = p > 1 && p < Number.POSITIVE_INFINITY;
  const throughGradient = smooth ? hvp(params, batch, everywhere(near.stretch(turned))) : zerosLike(params);
  if (adaptive === undefined) return throughGradient;
  const throughScaling = scalingPullback(
    near.moving(params),
    plus(times(perturbed, evaluated.epsilon), times(g, turned)),
    adaptive,
  );
  return plus(throughGradient, everywhere(throughScaling));
}
