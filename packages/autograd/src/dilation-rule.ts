import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { rule } from './rule.ts';
import { besideLargest, places, tap } from './taps.ts';
import * as windows from './windows.ts';

/** The sums of xs and fs at the places where dilation takes the largest sums of x and filter: linear in both. */
function atMaxima(x: Tensor, filter: Tensor, y: Tensor, attrs: windows.Layout, xs: Tensor, fs: Tensor): Tensor {
  const [height = 1, width = 1, channels = 1] = filter.shape;
  const over = windows.over2d(x.shape, [height, width, channels, 1], attrs, y.shape.slice(1, -1));
  const dilations = attrs.dilations ?? 1;
  const [down = 1, across = 1] = typeof dilations === 'number' ? [dilations, dilations] : dilations;
  const fit = windows.fitOf(over);
  const [image, values] = [windows.fitted(x, fit, Number.NEGATIVE_INFINITY), windows.fitted(xs, fit)];
  const cell = (of: Tensor, i: number, j: number): Tensor =>
    tf.reshape(tf.slice(of, [i, j, 0], [1, 1, channels]), [channels]);
  return besideLargest(places([height, width]), ([i = 0, j = 0]) => {
    const place = [i * down, j * across];
    return [tf.add(tap(image, over, place), cell(filter, i, j)), tf.add(tap(values, over, place), cell(fs, i, j))];
  });
}

/** The gradients of greyscale dilation, which is linear around a point. */
export const dilationRule: GradConfig = rule<windows.Layout>(
  tf.Dilation2D,
  ['x', 'filter'],
  (dy, [x, filter], attrs) => {
    const [zeroX, zeroFilter] = [tf.zerosLike(x), tf.zerosLike(filter)];
    return {
      x: () => tf.grad((xs) => atMaxima(x, filter, dy, attrs, xs, zeroFilter))(zeroX, dy),
      filter: () => tf.grad((fs) => atMaxima(x, filter, dy, attrs, zeroX, fs))(zeroFilter, dy),
    };
  },
);
