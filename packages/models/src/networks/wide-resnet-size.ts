import { checkNumber, checkRecord, type Rule } from '@steppe/check';
import { checkShape } from '../checks.ts';
import { wideDepths } from './wide-resnet.ts';

/** What a WideResNet takes, in numbers of four bytes each. */
export type WideResNetSize = {
  readonly parameters: number;
  /** Of the running statistics. */
  readonly state: number;
  /** What a gradient keeps of each image from the forward to the backward pass, about. */
  readonly activations: number;
};

/** Larger ones too than any network has: it tells their size. */
const whole: Rule = ['a positive whole number', (n) => Number.isInteger(n) && n >= 1];

/** Convolutions, normalizations and sums of one block that the backward pass needs again, each as large as the block's
 * output. */
const keptPerBlock = 5;

/**
 * Counts what a WideResNet takes without building it, in a time that does not depend on its size: what cannot fit is
 * refused before memory is asked for.
 *
 * @param options - Depth, width and classes as `wideResNet` takes them.
 * @param shape - That of an image.
 * @throws When an option or a side is out of its range.
 *
 * @example
 * ```ts
 * import { wideResNetSize } from '@steppe/models';
 *
 * const { parameters } = wideResNetSize({ depth: 28, width: 10, classes: 10 }, [32, 32, 3]);
 * console.log(parameters); // => 36479194
 * ```
 */
export function wideResNetSize(
  options: { readonly depth: number; readonly width: number; readonly classes: number },
  shape: readonly [height: number, width: number, channels: number],
): WideResNetSize {
  checkRecord('The options of wideResNetSize', options);
  const { depth, width, classes } = options;
  checkNumber('depth', depth, [wideDepths[0], (d) => whole[1]((d - 4) / 6)]);
  checkNumber('width', width, whole);
  checkNumber('classes', classes, whole);
  checkShape('shape', shape, ['height', 'width', 'channels']);
  const [height, side, channels] = shape;
  const blocks = (depth - 4) / 6;
  let [parameters, state, before] = [9 * channels * 16, 0, 16];
  let [rows, columns] = [height, side];
  let activations = 16 * rows * columns;
  for (const [group, out] of [16 * width, 32 * width, 64 * width].entries()) {
    if (group > 0) [rows, columns] = [Math.ceil(rows / 2), Math.ceil(columns / 2)];
    // Two convolutions and two normalizations; a shortcut of 1 × 1 where the channels change.
    parameters += 9 * before * out + 9 * out * out + 2 * (before + out) + (before === out ? 0 : before * out);
    parameters += (blocks - 1) * (18 * out * out + 4 * out);
    state += 2 * (before + out) + (blocks - 1) * 4 * out;
    activations += blocks * keptPerBlock * out * rows * columns;
    before = out;
  }
  return { parameters: parameters + 2 * before + (before + 1) * classes, state: state + 2 * before, activations };
}
