import { refusal, shown } from '@steppe/check';
import { together } from '@steppe/transforms';
import { dispose, leaves, type Tree } from '@steppe/tree';
import type { TensorContainer } from '@tensorflow/tfjs-core';
import { Tensor } from '@tensorflow/tfjs-core';

/** What gives batches one after another by `next`, such as an iterator of `tf.data`. */
type Next<Batch> = {
  next(): PromiseLike<IteratorResult<Batch, unknown>> | IteratorResult<Batch, unknown>;
  return?(): unknown;
};

/** An iterator of `tf.data`, whose types say no more of a batch than that it holds tensors. */
type Lazy<Batch> = Next<Batch | TensorContainer> & { resolveFully(): Promise<void> };

type Dataset<Batch> = { iterator(): Promise<Lazy<Batch>> };

type Sequence<Batch> = AsyncIterable<Batch> | Iterable<Batch> | Next<Batch> | Lazy<Batch> | Dataset<Batch>;

/**
 * Where batches come from: an iterable or an iterator, asynchronous or not, a dataset or an iterator of `tf.data`, or a
 * function that gives one of them, such as a generator function.
 *
 * A batch is a tree of tensors, such as `{ xs, ys }` or `[xs, ys]`.
 */
export type Batches<Batch> = Sequence<Batch> | (() => Sequence<Batch>);

type Members = {
  readonly [Symbol.asyncIterator]?: unknown;
  readonly [Symbol.iterator]?: unknown;
  readonly iterator?: unknown;
  readonly next?: unknown;
};

const has = (source: unknown, name: keyof Members): boolean =>
  typeof source === 'object' && source !== null && typeof (source as Members)[name] === 'function';

/** Refuses a batch without a tensor, one that holds a freed tensor, and one whose tensors are all lists of nothing: a mean over it is NaN. */
function checkBatch(batch: unknown, number: number): void {
  const all = leaves(batch as Tree);
  if (all.length === 0) throw refusal(`Batch ${number}`, 'a tree that holds a tensor', batch);
  const freed = all.find(({ leaf }) => leaf.isDisposed);
  if (freed !== undefined)
    throw new Error(
      `Batch ${number} holds a tensor that is already freed, at "${freed.path || '.'}": train and evaluate free the batches; make new ones for each epoch, e.g. by a generator.`,
    );
  const tensors = all.filter(({ leaf }) => leaf.rank > 0);
  const [first] = tensors;
  if (first !== undefined && tensors.every(({ leaf }) => leaf.shape[0] === 0))
    throw new Error(
      `Batch ${number} is empty, "${first.path || '.'}" has shape [${first.leaf.shape}]: leave batches without examples out.`,
    );
}

async function* following<Batch>(source: Next<Batch>): AsyncGenerator<Batch, void, undefined> {
  if (!has(source, 'next')) throw new Error(`An iterator of batches must have next(), got ${shown(source)}.`);
  // One that throws has ended too.
  let ended = true;
  try {
    while (true) {
      const result = await source.next();
      if (Object(result) !== result)
        throw new Error(`next() of the batches must give { done, value }, got ${shown(result)}.`);
      if (result.done) return;
      ended = false;
      yield result.value;
      ended = true;
    }
  } finally {
    // As a loop closes what it leaves early.
    if (!ended) await source.return?.();
  }
}

function sequence<Batch>(source: Sequence<Batch>): AsyncIterable<Batch> {
  if (has(source, Symbol.asyncIterator))
    return following((source as AsyncIterable<Batch>)[Symbol.asyncIterator]() as Next<Batch>);
  if (has(source, Symbol.iterator)) return following((source as Iterable<Batch>)[Symbol.iterator]());
  if (has(source, 'next')) return following(source as Next<Batch>);
  if (has(source, 'iterator'))
    return (async function* () {
      // What tf.data gives is a batch of the user's, whatever its types say.
      yield* following((await (source as Dataset<Batch>).iterator()) as Next<Batch>);
    })();
  const got = source instanceof Promise ? 'a promise: await it' : source instanceof Tensor ? 'a tensor' : shown(source);
  throw new Error(`Batches come from an iterable, an iterator or a dataset of tf.data, got ${got}.`);
}

/**
 * Walks over batches, wherever they come from.
 *
 * @throws When it is no source of batches; in the walk, when a batch is empty, which is freed.
 */
export async function* batchesOf<Batch extends Tree>(source: Batches<Batch>): AsyncGenerator<Batch, void, undefined> {
  let number = 0;
  for await (const batch of sequence(typeof source === 'function' ? source() : source)) {
    number += 1;
    try {
      checkBatch(batch, number);
    } catch (error) {
      dispose(batch);
      throw error;
    }
    yield batch;
  }
}

/** Puts each k batches together; the last may be fewer, and those of a step that is not made are freed. */
export async function* inGroups<Batch extends Tree>(
  batches: AsyncIterable<Batch>,
  k: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Batch, void, undefined> {
  let group: Batch[] = [];
  const whole = (): Batch => {
    const batch = together(group);
    group = [];
    return batch;
  };
  try {
    for await (const batch of batches) {
      group.push(batch);
      if (signal?.aborted) return;
      if (group.length === k) yield whole();
    }
    if (group.length > 0) yield whole();
  } finally {
    dispose(group);
  }
}
