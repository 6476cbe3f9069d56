/**
 * Says where the windows of a convolution stand: `symmetric` pads (size - 1) / 2 zeros on every side, as PyTorch's
 * networks do; `same` pads as TensorFlow does, at a stride of 2 less before the image than after it.
 */
export type Padding = 'symmetric' | 'same';

/** The padding in the words of tfjs, for a window of this size. */
export const padOf = (padding: Padding, size: number): number | 'same' =>
  padding === 'same' ? 'same' : (size - 1) / 2;
