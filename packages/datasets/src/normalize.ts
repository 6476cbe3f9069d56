import { type Check, checkNumber, finite, refusal } from '@steppe/check';
import type { Normalization } from './dataset.ts';

/**
 * The constants that the SAM paper's code normalizes with, by dataset.
 *
 * Fashion-MNIST gets MNIST's (its own would be 0.2860 and 0.3530): this is what the published numbers were made with.
 * KMNIST, QMNIST and EMNIST, which the paper has not, get MNIST's too.
 *
 * @see google-research/sam, sam_jax/datasets/dataset_source.py
 *
 * @example
 * ```ts
 * import { normalizations } from '@steppe/datasets';
 *
 * console.log(normalizations.mnist.mean); // => [ 0.1307 ]
 * ```
 */
export const normalizations: {
  readonly mnist: Normalization;
  readonly fashionMnist: Normalization;
  readonly cifar10: Normalization;
  readonly cifar100: Normalization;
  readonly svhn: Normalization;
  /** Of photographs in colour: what the networks of other libraries are trained with. */
  readonly imagenet: Normalization;
} = {
  mnist: { mean: [0.1307], std: [0.3081] },
  fashionMnist: { mean: [0.1307], std: [0.3081] },
  cifar10: { mean: [0.49139968, 0.48215841, 0.44653091], std: [0.24703223, 0.24348513, 0.26158784] },
  cifar100: { mean: [0.50707516, 0.48654887, 0.44091784], std: [0.26733429, 0.25643846, 0.27615047] },
  svhn: { mean: [0.43090966, 0.4302428, 0.44634357], std: [0.19759192, 0.20029082, 0.19811132] },
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
};

/** Refuses what cannot normalize pixels. */
export const checkNormalization: Check = (name, given) => {
  const { mean, std }: Partial<Normalization> = Object(given);
  if (!Array.isArray(mean) || !Array.isArray(std)) throw refusal(name, 'two lists of numbers, { mean, std }', given);
  if (mean.length === 0 || std.length !== mean.length)
    throw new Error(`${name} must have one mean and one std for each channel, got ${mean.length} and ${std.length}.`);
  for (const m of mean) checkNumber('A mean', m, finite);
  for (const s of std)
    checkNumber('A standard deviation', s, ['positive and finite', (x) => x > 0 && x < Number.POSITIVE_INFINITY]);
};

/**
 * Makes a function that turns pixels from bytes into normalized numbers: (byte / 255 - mean) / std, channel by channel.
 *
 * @returns A function of interleaved pixels, `[height, width, channels]`, and of an array for the result, which it
 * makes when not given.
 * @throws When the mean and the standard deviation differ in length, are empty, or a standard deviation is not
 * positive.
 *
 * @example
 * ```ts
 * import { normalize } from '@steppe/datasets';
 *
 * const centred = normalize({ mean: [0.5], std: [0.5] });
 * console.log([...centred(Uint8Array.of(0, 255))]); // => [ -1, 1 ]
 * ```
 */
export function normalize(normalization: Normalization): (pixels: Uint8Array, out?: Float32Array) => Float32Array {
  checkNormalization('normalization', normalization);
  const { mean, std } = normalization;
  const channels = mean.length;
  // A byte has 256 values: looking them up rounds once, where float32 arithmetic would round three times.
  const tables = mean.map((m, c) =>
    Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - m) / (std[c] as number)),
  );
  return (pixels, given) => {
    if (!ArrayBuffer.isView(pixels)) throw refusal('pixels', 'bytes', pixels);
    const out = given ?? new Float32Array(pixels.length);
    if (!ArrayBuffer.isView(out)) throw refusal('out', 'a Float32Array', out);
    for (const [c, table] of tables.entries())
      for (let i = c; i < pixels.length; i += channels) out[i] = table[pixels[i] as number] as number;
    return out;
  };
}
