import type { Link } from '../chain/param.ts';

type Transforms = typeof import('@steppe/transforms');

/** The options that shape the step. */
type StepOptions = { readonly momentum: number };

/** What the app knows of an optimizer. */
export type OptimizerEntry = {
  readonly about: string;
  /** What a run without SAM is called. */
  readonly title: string;
  /** The word for it behind `--compare`, and the folder of such a run. */
  readonly rival: string;
  /** The options that mean something to it and not to every optimizer. */
  readonly takes: readonly (keyof StepOptions)[];
  /** Whether it decays the weights by itself, behind everything; else the penalty is part of the loss. */
  readonly decaysItself?: true;
  /**
   * Its links: they turn a gradient into a direction. The package is only loaded when a run begins.
   *
   * @param decay - The link of the weight decay, if any, for one that decays by itself.
   */
  readonly links: (transforms: Transforms, options: StepOptions, decay: readonly Link[]) => readonly Link[];
};

/** The optimizers that SAM can be put before, by name: adding one here is all that it takes. */
export const optimizers = {
  momentum: {
    about: 'Nesterov',
    title: 'SGD',
    rival: 'sgd',
    takes: ['momentum'],
    links: ({ trace }, { momentum }) => [trace(momentum, { nesterov: true })],
  },
  sgd: { about: 'plain', title: 'SGD', rival: 'sgd', takes: [], links: () => [] },
  adam: {
    about: 'L2 in the loss',
    title: 'Adam',
    rival: 'adam',
    takes: [],
    links: ({ scaleByAdam }) => [scaleByAdam()],
  },
  adamw: {
    about: 'decay outside',
    title: 'AdamW',
    rival: 'adamw',
    takes: [],
    decaysItself: true,
    links: ({ scaleByAdam }, _, decay) => [scaleByAdam(), ...decay],
  },
} as const satisfies { readonly [name: string]: OptimizerEntry };

/** What the weight decay can spare, by name. */
export const decaySpares = {
  none: { about: 'all decay, as in the paper' },
  'norms-and-biases': { about: 'only kernels do' },
} as const;

/** What a run can be compared with: an optimizer without SAM. */
export const rivals: readonly string[] = [...new Set(Object.values(optimizers).map(({ rival }) => rival))];
