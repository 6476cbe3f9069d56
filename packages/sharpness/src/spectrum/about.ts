import type { About } from '../about.ts';

const NONE = 'None: rescaling layers changes it, unless the operator is preconditioned by ∣w∣.';

/** What people should know of each estimate of a spectrum. */
export const aboutSpectra: readonly About[] = [
  {
    name: 'topEigenvalues',
    sentence: 'The largest eigenvalues of the Hessian: how strongly the loss curves in its sharpest directions.',
    formula: 'H·vᵢ = λᵢ·vᵢ by Lanczos with full reorthogonalization; bound ‖H·vᵢ - λᵢ·vᵢ‖',
    invariant: NONE,
    cost: 'up to 100 Hessian products, most often 20 to 60',
    silent: 'How many other directions are flat; cross entropy makes it small at a low loss, whatever the network.',
  },
  {
    name: 'trace',
    sentence: 'The sum of all eigenvalues: the curvature in the mean over all directions.',
    formula: 'tr H by Hutch++',
    invariant: NONE,
    cost: '30 Hessian products',
    silent: 'Whether a few directions have it all; negative eigenvalues cancel positive ones.',
  },
  {
    name: 'frobeniusNorm',
    sentence: 'The root of the sum of all squared eigenvalues.',
    formula: '‖H‖_F = √E‖H·z‖²',
    invariant: NONE,
    cost: '10 Hessian products',
    silent: 'Signs: saddles and minima look alike.',
  },
  {
    name: 'effectiveDimension',
    sentence: 'How many directions are curved by more than z, counted softly.',
    formula: 'Σ λᵢ / (λᵢ + z)',
    invariant: NONE,
    cost: '120 Hessian products',
    silent: 'How far beyond z they are curved; it depends on z.',
  },
  {
    name: 'spectralDensity',
    sentence: 'The whole spectrum of the Hessian as a density: the bulk near 0 and the outliers.',
    formula: 'φ(t) = (1/n)·Σ δ(t - λᵢ), each δ a bell, by stochastic Lanczos quadrature',
    invariant: NONE,
    cost: '40 Hessian products for each of 4 probes',
    silent: 'Single eigenvalues inside of the bulk: it is a few random vectors’ view.',
  },
];
