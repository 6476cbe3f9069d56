import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { Along } from './windows.ts';

/** The places of a window, in row-major order. */
export const places = (lengths: readonly number[]): readonly (readonly number[])[] =>
  lengths.reduce<number[][]>(
    (all, length) => all.flatMap((place) => Array.from({ length }, (_, i) => [...place, i])),
    [[]],
  );

/** What all windows over a fitted image have at one place: of the shape of what comes out. */
export function tap(image: Tensor, over: readonly Along[], place: readonly number[]): Tensor {
  const [batch = 0, channels = 0] = [image.shape[0], image.shape.at(-1)];
  return tf.stridedSlice(
    image,
    [0, ...place, 0],
    [batch, ...over.map(({ out, stride }, axis) => (place[axis] ?? 0) + (out - 1) * stride + 1), channels],
    [1, ...over.map(({ stride }) => stride), 1],
  );
}

/** Of a candidate at each place of the windows, and of a value beside it: the value beside the largest, the first one of
 * equals. */
export function besideLargest(
  all: readonly (readonly number[])[],
  at: (place: readonly number[]) => readonly [candidate: Tensor, value: Tensor],
): Tensor {
  const [first = [], ...others] = all;
  let [largest, taken] = at(first);
  for (const place of others) {
    const [candidate, value] = at(place);
    const larger = tf.greater(candidate, largest);
    largest = tf.where(larger, candidate, largest);
    taken = tf.where(larger, value, taken);
  }
  return taken;
}
