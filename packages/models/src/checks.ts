import { checkNumber, checkOneOf, checkRecord, count, refusal, shown } from '@steppe/check';
import { isKey } from '@steppe/random';
import * as tf from '@tensorflow/tfjs-core';

/** The axes of tensors as messages call them. */
type Axes = readonly string[];

/** The axes of images. */
export const IMAGES: Axes = ['batch', 'height', 'width', 'channels'];

/** The axes of tokens. */
export const TOKENS: Axes = ['batch', 'tokens', 'features'];

/** Refuses what is no tensor, or one with other axes; without axes any will do. */
export function checkTensor(name: string, given: unknown, axes?: Axes): void {
  const words = axes === undefined ? 'a tensor' : `a tensor [${axes.join(', ')}]`;
  if (!(given instanceof tf.Tensor)) throw refusal(name, words, given);
  if (axes !== undefined && given.rank !== axes.length)
    throw new Error(`${name} must be ${words}, got [${given.shape}].`);
}

/** Refuses what is no random key. */
export function checkKey(given: unknown): void {
  if (!isKey(given)) throw refusal('key', 'a random key, such as key(0) of @steppe/random', given);
}

/** Refuses numbers of things that are no counts, each by its name. */
export function checkCounts(given: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(given)) checkNumber(name, value, count);
}

/** Refuses a record that lacks one of its tensors. */
export function checkTensors(name: string, given: unknown, parts: readonly string[]): void {
  checkRecord(name, given);
  for (const part of parts) {
    const found: unknown = Reflect.get(given, part);
    if (!(found instanceof tf.Tensor))
      throw refusal(
        `${name}.${part}`,
        'a tensor',
        found,
        `${name} holds ${parts.join(' and ')}, as its init gives them`,
      );
  }
}

/** Refuses what is no list of sizes, one for each axis. */
export function checkShape(name: string, given: unknown, axes: Axes): void {
  if (!Array.isArray(given) || given.length !== axes.length)
    throw new Error(`${name} must be [${axes.join(', ')}], got ${Array.isArray(given) ? `[${given}]` : shown(given)}.`);
  axes.forEach((axis, i) => {
    checkNumber(`The ${axis} of ${name}`, given[i], count);
  });
}

/** Refuses what no convolution can be made of. */
export function checkWindows(params: unknown, x: unknown, stride: unknown, padding: unknown): void {
  checkTensors('params', params, ['kernel']);
  checkTensor('x', x, IMAGES);
  checkCounts({ stride });
  checkOneOf('padding', padding, ['symmetric', 'same']);
}
