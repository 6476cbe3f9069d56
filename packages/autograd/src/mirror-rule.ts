import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { rule } from './rule.ts';

/** The attributes of tfjs's mirror padding. */
type MirrorAttrs = {
  readonly paddings: readonly (readonly [before: number, after: number])[];
  readonly mode: 'reflect' | 'symmetric';
};

/** Pads by mirroring at the borders, as `tf.mirrorPad` does, by an operation whose gradient is right. */
function mirrored(x: Tensor, { paddings, mode }: MirrorAttrs): Tensor {
  const edge = mode === 'symmetric' ? 1 : 0;
  return paddings.reduce((padded, [before, after], axis) => {
    if (before === 0 && after === 0) return padded;
    const size = x.shape[axis] ?? 0;
    const places = Array.from({ length: before + size + after }, (_, i) => {
      const place = i - before;
      if (place < 0) return -place - edge;
      return place < size ? place : 2 * (size - 1) - place + edge;
    });
    return tf.gather(padded, tf.tensor1d(places, 'int32'), axis);
  }, tf.clone(x));
}

export const mirrorRule: GradConfig = rule<MirrorAttrs>(tf.MirrorPad, ['x'], (dy, [x], attrs) => ({
  x: () => tf.grad((image) => mirrored(image, attrs))(x, dy),
}));
