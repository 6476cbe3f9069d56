import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';

/** Says how much each label counts, the same way for every loss and metric: what is not said counts 1. */
export type LabelOptions = {
  /**
   * The label that does not count, such as that of padding: a class number, or a number that is no class, such as -1
   * or 255. What the network says there has no influence, even if it is not finite.
   */
  readonly ignore?: number | undefined;
  /**
   * How much each example counts, at least 0 (not checked: that would read from the device at every step): a tensor of
   * the shape of the examples, or of their first sides only (`[batch]` for examples `[batch, time]`). What the network
   * says where it is 0 has no influence, even if it is not finite.
   */
  readonly weights?: Tensor | undefined;
  /** How much each class counts, `[classes]`, at least 0; an example counts its own weight times that of its class. */
  readonly classWeights?: Tensor1D | readonly number[] | undefined;
};

/** The names of the options that say how much a label counts. */
export const labelOptionNames: readonly (keyof LabelOptions)[] = ['ignore', 'weights', 'classWeights'];
