import type { Key } from '@steppe/random';
import type { Tree } from '@steppe/tree';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

/** A network as the app sees it: parameters and running statistics are trees that it need not know. */
export type Network = {
  init(key: Key, shape: Shape): { readonly params: Tree; readonly state: Tree };
  apply(
    params: Tree,
    state: Tree,
    images: Tensor4D,
    options: { readonly training: boolean; readonly key?: Key },
  ): readonly [logits: Tensor2D, state: Tree];
};

type Models = typeof import('@steppe/models');

type Shape = readonly [height: number, width: number, channels: number];

/** The options that say how large a network is. */
export type SizeOptions = { readonly depth: number; readonly width: number; readonly dropout: number };

/** What a network takes, in numbers of four bytes each. */
export type Size = {
  readonly parameters: number;
  /** Of the running statistics. */
  readonly state: number;
  /** Numbers that the gradient keeps for each image. */
  readonly activations: number;
};

/** What the app knows of a network. */
export type NetworkEntry = {
  readonly about: string;
  /** The options that mean something to it; the others are refused. */
  readonly takes: readonly (keyof SizeOptions)[];
  /** Of these, the ones that make it larger. */
  readonly sizedBy: readonly (keyof SizeOptions)[];
  /** What it allows for an option, where that is less than the option does. */
  readonly narrows: {
    readonly [Name in keyof SizeOptions]?: {
      readonly expects: string;
      readonly allows: (value: number) => boolean;
    };
  };
  /** What a run of it is called, such as `WRN-28-10`. */
  readonly title: (options: SizeOptions) => string;
  /** Makes it of the package that is only loaded when a run begins, so that help comes at once. */
  readonly make: (models: Models, options: SizeOptions, classes: number) => Network;
  /** Says how large it would be, before it is made. */
  readonly size: (models: Models, options: SizeOptions, shape: Shape, classes: number) => Size;
  /** Options that make a small one. */
  readonly example: string;
};

/** The networks that can be trained, by name: adding one here is all that it takes. */
export const networks = {
  wideresnet: {
    about: 'WRN-<depth>-<width>',
    takes: ['depth', 'width', 'dropout'],
    sizedBy: ['width', 'depth'],
    narrows: {
      depth: {
        expects: '6n + 4 (10, 16, 22, 28, 40, ...)',
        allows: (depth) => depth >= 10 && depth % 6 === 4,
      },
    },
    title: ({ depth, width }) => `WRN-${depth}-${width}`,
    make: ({ wideResNet }, { depth, width, dropout }, classes) => wideResNet({ depth, width, dropout, classes }),
    size: ({ wideResNetSize }, { depth, width }, shape, classes) => wideResNetSize({ depth, width, classes }, shape),
    example: '--depth 16 --width 1',
  },
} as const satisfies { readonly [name: string]: NetworkEntry };

/** What the networks allow for an option of theirs, to end what help says of it; nothing where they allow all. */
export const expectedBy = (option: keyof SizeOptions): string => {
  const entries: readonly NetworkEntry[] = Object.values(networks);
  const narrow = entries.flatMap(({ narrows }) => narrows[option]?.expects ?? []);
  return narrow.length === 0 ? '' : `: ${narrow.join('; ')}`;
};
