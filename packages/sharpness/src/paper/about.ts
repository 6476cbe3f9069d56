import type { About } from '../about.ts';

/** What people should know of the paper's own analyses. */
export const aboutPaper: readonly About[] = [
  {
    name: 'mSharpness',
    sentence: 'SAM’s sharpness with a perturbation of its own for every m examples, for several m.',
    formula: 'mean over shards S of m examples of L_S(w + ε̂_S) - L_S(w)',
    invariant: 'Rescaling of layers, with scale: magnitudes(params); none without.',
    cost: '1 gradient and 1 loss for each m, in 1/m as many calls as examples',
    silent: 'Generalization by itself; the paper finds it related the more, the smaller m is.',
  },
  {
    name: 'samCertificate',
    sentence: 'How well SAM’s step stands for what it approximates, entry by entry.',
    formula: '(L(w + ε̂) - L(w)) / ρ‖g‖_q, cos(∇L(w), ∇L(w + ε̂)), cos of first-order and exact SAM gradient',
    invariant: 'A factor of the loss.',
    cost: '2 gradients, and 1 Hessian product with order: 2',
    silent: 'Whether the exact gradient would train better: in the paper it does not.',
  },
  {
    name: 'innerMaximum',
    sentence: 'How much of the largest rise in the ball SAM’s one step reaches.',
    formula: '(L(w + ε̂) - L(w)) / max over ‖ε‖ₚ ≤ ρ of the same',
    invariant: 'Rescaling of layers, with scale: magnitudes(params); none without.',
    cost: '21 gradients and 2 losses',
    silent: 'The true maximum: the search gives a lower bound of it.',
  },
  {
    name: 'adviseRho',
    sentence: 'The radius at which the linear model of SAM breaks, and where to begin a search for ρ.',
    formula: 'the ρ at which (L(w + ε̂) - L(w)) / ρ‖g‖_q leaves [½, 2]',
    invariant: 'A factor of the loss.',
    cost: 'none beyond rhoCurve',
    silent: 'The ρ that generalizes best, which is often larger.',
  },
  {
    name: 'theorem2Bound',
    sentence: 'The generalization bound of the paper’s Theorem 2, term by term.',
    formula: 'max L_S(w + ε) + √((k·ln(1 + (‖w‖²/ρ²)(1 + √(ln n / k))²) + 4·ln(n/δ) + 8·ln(6n + 3k)) / (n - 1))',
    invariant: 'None.',
    cost: 'none beyond worstCaseSharpness',
    silent: 'Anything where it is above 1, as for all networks with more weights than examples: it is vacuous there.',
  },
];
