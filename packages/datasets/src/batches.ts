import { type Check, checkFunction, checkOptions, oneOf, refusal } from '@steppe/check';
import { foldIn, isKey, type Key, key as keyOf, permutation, split as splitKey } from '@steppe/random';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { ahead } from './ahead.ts';
import { assembler, type HostBatch } from './assemble.ts';
import { type AnySplit, checkSplit, isIndexed } from './dataset.ts';
import type { Augmentation, ByteAugmentation } from './image.ts';
import { checkIndexed, readAhead } from './read-ahead.ts';
import type { Stages } from './stages.ts';

/** Images and labels on the device; whoever receives a batch disposes it. */
export type Batch = {
  /** Normalized pixels, float32, `[batch, height, width, channels]`. */
  readonly images: Tensor4D;
  /** Class numbers, int32, `[batch]`. */
  readonly labels: Tensor1D;
};

/** How a split is cut into batches. */
export type BatchOptions = {
  /** Examples in a batch; the last one may have fewer. */
  readonly batchSize: number;
  /**
   * Where all randomness comes from: a number, or a key of `@steppe/random`.
   * @defaultValue 0
   */
  readonly seed?: number | Key;
  /**
   * Counts the passes over the data: each epoch has its own order and its own augmentation.
   * @defaultValue 0
   */
  readonly epoch?: number;
  /**
   * Whether the examples come in random order, rather than in that of the split.
   * @defaultValue false
   */
  readonly shuffle?: boolean;
  /** Changes the bytes of each image at random before they are normalized. */
  readonly augmentBytes?: ByteAugmentation;
  /** Changes each normalized image at random, such as `basicAugmentation()`. */
  readonly augment?: Augmentation;
  /**
   * Whether a last batch of fewer examples is left out.
   * @defaultValue false
   */
  readonly dropRemainder?: boolean;
  /**
   * Batches to leave out at the beginning, as when a run goes on in the middle of an epoch; the others stay as they
   * are.
   * @defaultValue 0
   */
  readonly skip?: number;
  /**
   * The examples of each batch that are read, from `begin` to before `end`: a worker's share of batches that several
   * train on, as `rowsOf` of `@steppe/distributed` gives it. All batches must have them, so a last one of fewer is left
   * out.
   * @defaultValue all
   */
  readonly rows?: { readonly begin: number; readonly end: number };
  /**
   * Batches to assemble on the host ahead of the device: while a GPU works, or the program waits. On a backend that
   * computes on this thread (native, wasm, cpu) nothing overlaps; only the decoding of image files, which has threads of
   * its own, does.
   * @defaultValue 2
   */
  readonly prefetch?: number;
  /** Ends the iteration with the reason of its abortion. */
  readonly signal?: AbortSignal;
};

const wholeFrom =
  (least: number): Check =>
  (name, value) => {
    if (!(Number.isInteger(value) && (value as number) >= least))
      throw refusal(name, `a whole number of at least ${least}`, value);
  };

/**
 * Counts the batches of one epoch, for schedules and progress bars.
 *
 * @throws When the examples or those of a batch are no whole number.
 *
 * @example
 * ```ts
 * import { batchCount } from '@steppe/datasets';
 *
 * console.log(batchCount(60_000, 128), batchCount(60_000, 128, true)); // => 469 468
 * ```
 */
export function batchCount(examples: number, batchSize: number, dropRemainder = false): number {
  wholeFrom(0)('examples', examples);
  wholeFrom(1)('batchSize', batchSize);
  return dropRemainder ? Math.floor(examples / batchSize) : Math.ceil(examples / batchSize);
}

const checks: { readonly [option in keyof BatchOptions]-?: Check } = {
  batchSize: wholeFrom(1),
  seed: (name, seed) => {
    if (typeof seed !== 'number' && !isKey(seed)) throw refusal(name, 'a number or a key of @steppe/random', seed);
  },
  epoch: wholeFrom(0),
  shuffle: oneOf(true, false),
  augmentBytes: checkFunction,
  augment: checkFunction,
  dropRemainder: oneOf(true, false),
  skip: wholeFrom(0),
  rows: (name, rows) => {
    const { begin, end } = Object(rows) as { readonly [name: string]: unknown };
    wholeFrom(0)(`${name}.begin`, begin);
    wholeFrom((begin as number) + 1)(`${name}.end`, end);
  },
  prefetch: wholeFrom(0),
  signal: (name, signal) => {
    // Not by instanceof: one of another realm or of a polyfill will do.
    if (typeof (signal as Partial<AbortSignal> | null)?.throwIfAborted !== 'function')
      throw refusal(name, 'an AbortSignal', signal);
  },
};

/** Refuses a share that some batch would not have. */
function checkRows({ batchSize, rows, dropRemainder = false }: BatchOptions): void {
  if (rows === undefined) return;
  if (rows.end > batchSize) throw refusal('rows.end', `at most the ${batchSize} examples of a batch`, rows.end);
  if (!dropRemainder) throw refusal('dropRemainder', 'true with rows', dropRemainder);
}

/**
 * Goes once over a split in seeded batches: the same options give the same batches, whatever the backend, timing or
 * batch size do.
 *
 * The order depends on the seed and the epoch, the augmentation of an example on the seed, the epoch and its place in
 * the split. The next batches are assembled on the host while the device works; tensors are made when a batch is handed
 * over. Leaving the loop early leaves nothing behind. The result can be iterated again, with the same batches.
 *
 * A split in memory and one whose images are read when they are needed take the same options and obey the same laws.
 *
 * @throws When an option is unknown or out of range, or the split is none or does not fit together; on iteration, what
 * `signal` was aborted with.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { batches, normalizations, type Split } from '@steppe/datasets';
 *
 * const split: Split = {
 *   images: new Uint8Array(10 * 28 * 28),
 *   labels: new Uint8Array(10),
 *   shape: [28, 28, 1],
 *   normalization: normalizations.fashionMnist,
 * };
 * const shapes: string[] = [];
 * for await (const { images, labels } of batches(split, { batchSize: 4, seed: 1, shuffle: true })) {
 *   shapes.push(images.shape.join('x'));
 *   tf.dispose([images, labels]);
 * }
 * console.log(shapes); // => [ '4x28x28x1', '4x28x28x1', '2x28x28x1' ]
 * ```
 */
export function batches(split: AnySplit, options: BatchOptions): AsyncIterable<Batch> {
  checkSplit('batches', split);
  checkOptions('batches', options, checks);
  checkRows(options);
  const { batchSize, seed = 0, epoch = 0, shuffle = false, dropRemainder = false, signal } = options;
  const { augmentBytes, augment, skip = 0, prefetch = 2, rows = { begin: 0, end: batchSize } } = options;
  const { shape, normalization, labels } = split;
  const examples = labels.length;
  const count = batchCount(examples, batchSize, dropRemainder);
  const ofEpoch = foldIn(typeof seed === 'number' ? keyOf(seed) : seed, epoch);
  const [ofOrder, ofImages, ofBytes, ofViews] = splitKey(ofEpoch, 4) as readonly [Key, Key, Key, Key];
  const order = shuffle ? permutation(ofOrder, examples) : Uint32Array.from({ length: examples }, (_, i) => i);
  const stages = { shape, normalization, augmentBytes, ofBytes, augment, ofImages, ofViews };
  const examplesOf = (i: number): Uint32Array => order.subarray(i * batchSize + rows.begin, i * batchSize + rows.end);
  const hostBatches = hostBatchesOf(split, stages, examplesOf, [skip, count], prefetch, signal);
  return {
    async *[Symbol.asyncIterator]() {
      for await (const batch of hostBatches())
        yield {
          images: tf.tensor4d(batch.images, [batch.labels.length, ...shape], 'float32'),
          labels: tf.tensor1d(batch.labels, 'int32'),
        };
    },
  };
}

/** How the batches of a split come onto the host: bytes between two turns of the device, others all the time. */
function hostBatchesOf(
  split: AnySplit,
  stages: Stages,
  examplesOf: (batch: number) => Uint32Array,
  range: readonly [first: number, count: number],
  prefetch: number,
  signal: AbortSignal | undefined,
): () => AsyncIterable<HostBatch> {
  if (isIndexed(split)) {
    checkIndexed(split);
    return () => readAhead(split, stages, examplesOf, range, prefetch, signal);
  }
  const assemble = assembler(split, stages);
  return () => ahead((i) => assemble(examplesOf(i)), ...range, prefetch, signal);
}
