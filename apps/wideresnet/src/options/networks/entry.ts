import type { WeightName } from '@steppe/models';
import type { Key } from '@steppe/random';
import type { Tree } from '@steppe/tree';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Kind } from '../kinds.ts';

/** The package that is only loaded when a run begins, so that help comes at once. */
export type Models = typeof import('@steppe/models');

export type Shape = readonly [height: number, width: number, channels: number];

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

/** What a network takes, in numbers of four bytes each. */
export type Size = {
  readonly parameters: number;
  /** Of the running statistics. */
  readonly state: number;
  /** Numbers that the gradient keeps for each image. */
  readonly activations: number;
};

/** What an option of a network can be. */
export type OwnValue = number | boolean | string;

/** An option of a network: a word of the command line and of config files that means something beside it alone. */
export type OwnOption = {
  /** The placeholder of its value; a switch has none. */
  readonly value?: string;
  readonly about: string;
  readonly kind: Kind<OwnValue>;
  /** What it is where nobody says. */
  readonly fallback: OwnValue;
  /** Whether a smaller value makes the network smaller. */
  readonly sizes?: true;
};

/** Options of a network by name. */
export type OwnTable = { readonly [option: string]: OwnOption };

/** Their values. */
export type OwnValues = { readonly [option: string]: OwnValue };

type ValuesOf<Own extends OwnTable> = { readonly [Option in keyof Own]: Own[Option]['kind']['schema']['_output'] };

/** What the app knows of a network that takes some options. Members are methods, so that a table can hold any. */
type EntryOf<Own, Values> = {
  readonly about: string;
  readonly options: Own;
  /** What a run of it is called, such as `WRN-28-10`. */
  title(options: Values): string;
  make(models: Models, options: Values, classes: number): Network;
  /** Says how large it would be, before it is made, where that can be known without making it. */
  size?(models: Models, options: Values, shape: Shape, classes: number): Size;
  /** The names of its weights in files of other libraries, by these. */
  names?(models: Models, options: Values): { readonly [library: string]: readonly WeightName[] };
  /** What the shapes of tensors in such a file say of options that they were learned with, beside those of a run. */
  said?(
    shapes: { readonly [name: string]: readonly number[] },
    options: Values,
    side: number,
  ): readonly (readonly [option: string, ofFile: OwnValue | undefined, ofRun: OwnValue])[];
  /** Options that make smaller ones, by a word for the size. */
  readonly smaller: { readonly [size: string]: Partial<Values> };
};

/** What the app knows of a network. */
export type NetworkEntry = EntryOf<OwnTable, OwnValues>;

/** Describes a network: the types of its options follow from their kinds. */
export const describe = <
  const Own extends OwnTable,
  const Smaller extends { readonly [size: string]: Partial<ValuesOf<Own>> },
>(
  entry: EntryOf<Own, ValuesOf<Own>> & { readonly smaller: Smaller },
): typeof entry => entry;
