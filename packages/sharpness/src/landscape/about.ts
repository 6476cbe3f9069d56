import type { About } from '../about.ts';

const FILTERS =
  'Rescaling of filters that a normalization undoes, along filter-normalized directions; none along others.';

/** What people should know of each landscape. */
export const aboutLandscapes: readonly About[] = [
  {
    name: 'lossCurve',
    sentence: 'The loss along a line through the weights.',
    formula: 'L(w + α·d), d_f ← d_f·‖w_f‖ / (‖d_f‖ + 10⁻¹⁰) for every filter f',
    invariant: FILTERS,
    cost: '41 losses, one for each point',
    silent: 'All other directions: most lines through a sharp minimum look flat.',
  },
  {
    name: 'lossSurface',
    sentence: 'The loss over a plane through the weights.',
    formula: 'L(w + α·d₁ + β·d₂)',
    invariant: FILTERS,
    cost: '441 losses, one for each point',
    silent: 'All other planes; a picture is no number to compare by.',
  },
  {
    name: 'lossBarrier',
    sentence: 'How far the loss rises on the straight line between two trees of weights.',
    formula: 'max_α L((1 - α)·w₁ + α·w₂) - [(1 - α)·L(w₁) + α·L(w₂)]',
    invariant: 'None: two copies of a network whose units are in another order have a barrier.',
    cost: '21 losses',
    silent: 'Whether a bent way without a barrier joins them.',
  },
  {
    name: 'principalAxes',
    sentence: 'The plane in which the checkpoints of runs differ most, their ways in it and the loss over it.',
    formula: 'the eigenvectors of the centred products ⟨wᵢ - w₀, wⱼ - w₀⟩',
    invariant: 'None.',
    cost: '441 losses for the surface',
    silent:
      'What happens outside the plane, whose share of the variance is printed; long ways look smooth in any such plane.',
  },
];
