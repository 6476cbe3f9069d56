import { asBytes } from '@steppe/check';
import { foreign } from './foreign.ts';
import { checkLabels } from './labels.ts';

const side = 32;
const plane = side * side;
const channels = 3;

/** Images and labels as the two kinds of CIFAR files hold them, with the pixels interleaved, `[count, 32, 32, 3]`. */
export type CifarRecords = {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
};

/** Splits records of `labels` label bytes and 3 planes of pixels; the last label byte is the class. */
function parse(file: Uint8Array | ArrayBuffer, labelBytes: number, classes: number): CifarRecords {
  const bytes = asBytes(`A file of CIFAR-${classes}`, file);
  const record = labelBytes + channels * plane;
  const count = bytes.length / record;
  if (!Number.isInteger(count) || count === 0)
    throw new Error(
      `A file of CIFAR-${classes} is a whole number of records of ${record} bytes, got ${bytes.length} bytes.${foreign(bytes)}`,
    );
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i += 1) labels[i] = bytes[i * record + labelBytes - 1] as number;
  checkLabels(labels, classes);
  const images = new Uint8Array(count * channels * plane);
  for (let i = 0; i < count; i += 1) {
    const from = i * record + labelBytes;
    const to = i * channels * plane;
    for (let p = 0; p < plane; p += 1) {
      images[to + channels * p] = bytes[from + p] as number;
      images[to + channels * p + 1] = bytes[from + plane + p] as number;
      images[to + channels * p + 2] = bytes[from + 2 * plane + p] as number;
    }
  }
  return { images, labels };
}

/**
 * Reads a file of CIFAR-10's binary version: records of one label and three planes of 32 x 32 pixels.
 *
 * @throws When the size is not a multiple of 3,073 bytes, or a label is not below 10.
 * @see https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version"
 *
 * @example
 * ```ts
 * import { parseCifar10 } from '@steppe/datasets';
 *
 * const record = new Uint8Array(3073);
 * record[0] = 6; // the class
 * record.fill(255, 1, 1025); // red
 * const { images, labels } = parseCifar10(record);
 * console.log(labels[0], [...images.subarray(0, 3)]); // => 6 [ 255, 0, 0 ]
 * ```
 */
export function parseCifar10(file: Uint8Array | ArrayBuffer): CifarRecords {
  return parse(file, 1, 10);
}

/**
 * Reads a file of CIFAR-100's binary version: records of a coarse label, a fine label and three planes of 32 x 32
 * pixels.
 *
 * The fine label of 100 is kept, which is what the literature reports.
 *
 * @throws When the size is not a multiple of 3,074 bytes, or a fine label is not below 100.
 * @see https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version"
 *
 * @example
 * ```ts
 * import { parseCifar100 } from '@steppe/datasets';
 *
 * const record = new Uint8Array(3074);
 * record[0] = 11; // the superclass: large carnivores
 * record[1] = 43; // the class: lion
 * console.log(parseCifar100(record).labels[0]); // => 43
 * ```
 */
export function parseCifar100(file: Uint8Array | ArrayBuffer): CifarRecords {
  return parse(file, 2, 100);
}
