import type { About } from '../about.ts';

/** What people should know of what changes weights after training. */
export const aboutRobustness: readonly About[] = [
  {
    name: 'quantizationCurve',
    sentence: 'What rounding the weights to b bits costs.',
    formula: 'w ← Δ·round(w/Δ), Δ = max∣w∣ / (2^(b-1) - 1), tensor by tensor',
    invariant: 'Rescaling of layers.',
    cost: '1 loss, and 1 for each number of bits',
    silent: 'What a quantized runtime loses, which rounds activations too.',
  },
  {
    name: 'noiseCurve',
    sentence: 'What noise in proportion to each tensor’s weights costs.',
    formula: 'w + N(0, (c·‖W‖/√d)²)',
    invariant: 'Rescaling of layers.',
    cost: '1 loss, and 5 for each level',
    silent: 'The worst noise: it is a mean.',
  },
  {
    name: 'forgetting',
    sentence: 'What training on a new task costs on the old one.',
    formula: 'L_old(w_t) - L_old(w_0)',
    invariant: 'What the optimizer of the new task is invariant under.',
    cost: '1 loss for each point, and the training',
    silent: 'How well the new task is learned: compare at equal loss of the new one.',
  },
];
