import type { AverageState, GradientTransformation } from '@steppe/transforms';

type Transforms = typeof import('@steppe/transforms');

/** What the app knows of a way to average the weights along the way. */
export type AverageEntry = {
  readonly about: string;
  /** The link that keeps the average, at the end of the chain; none where the weights are taken as they are. */
  readonly link: (transforms: Transforms, steps: number) => GradientTransformation<AverageState> | undefined;
};

/**
 * What the exponential average keeps at each step: it reaches back over the last twentieth of the run, whatever its
 * length. For the 39,000 steps of the paper's runs on CIFAR-10 that is 0.99949.
 */
const decayOf = (steps: number): number => Number((1 - Math.min(1, Number((20 / steps).toPrecision(2)))).toFixed(9));

/** The ways to average the weights, by name: adding one here is all that it takes. */
export const averages = {
  none: { about: 'the last weights', link: () => undefined },
  ema: {
    about: 'their exponential mean over some 5 % of the steps',
    link: ({ averageWeights }, steps) => averageWeights({ decay: decayOf(steps) }),
  },
  swa: {
    about: 'their mean over the last quarter of the steps',
    link: ({ averageWeights }, steps) => averageWeights({ start: Math.floor(0.75 * steps) }),
  },
} as const satisfies { readonly [name: string]: AverageEntry };
