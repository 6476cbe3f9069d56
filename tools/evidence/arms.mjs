// The arms of the experiment on noisy labels: every candidate that is tried, and which question it answers.

/** What all arms share. */
export const shared = { images: 1000, noise: 0.4, depth: 10, width: 1, batch: 64, lr: 0.1, clip: 5 };

const usual = 5e-4;
const epochs = 20;

/** The candidates by arm; within an arm the held-out images choose. SAM evaluates two gradients a step. */
export const arms = {
  sgd: [{ epochs, decay: usual }],
  'sgd-equal': [{ epochs: 2 * epochs, decay: usual }],
  'sgd-decay': [
    ...[0.005, 0.01, 0.02, 0.03, 0.05].map((decay) => ({ epochs, decay })),
    ...[0.01, 0.02, 0.03].map((decay) => ({ epochs: 2 * epochs, decay })),
  ],
  sam: [0.1, 0.2, 0.4].map((rho) => ({ epochs, decay: usual, rho })),
  'sam-m': [0.1, 0.2].map((rho) => ({ epochs, decay: usual, rho, m: 16 })),
};

/** What the table calls an arm. */
export const titles = {
  sgd: 'SGD, same epochs',
  'sgd-equal': 'SGD, equal gradients',
  'sgd-decay': 'SGD, tuned weight decay',
  sam: 'SAM',
  'sam-m': 'SAM, m-sharpness',
};

/** The command that repeats a run, seed 0. */
export function command({ epochs: n, decay, rho = 0, m }) {
  const options = [`--rho ${rho}`, ...(m ? [`--m ${m}`] : []), `--epochs ${n}`, `--weight-decay ${decay}`];
  return `steppe train --preset label-noise --compare none ${options.join(' ')}`;
}
