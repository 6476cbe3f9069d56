import { type KeyWords, watchCounts } from '@steppe/kernels';
import { engine, type Tensor, type TensorInfo, tidy } from '@tensorflow/tfjs-core';
import type { Data } from '../memory/data.ts';
import type { Runtime } from '../runtime.ts';
import type { Arena } from './arena.ts';
import { CaptureError } from './capture-error.ts';
import { followCounts, type NextCount } from './counts.ts';
import { fillKept } from './fill-kept.ts';
import { flatten, replaceLeaves } from './flatten.ts';
import { withoutDeadResults } from './passes/dead-results.ts';
import type { Output } from './program.ts';
import type { Recording } from './recording.ts';

/** One run of a function whose kernels were recorded. */
export type Take = {
  readonly recording: Recording;
  /** The buffers of what it was given, and what it gave back. */
  readonly inputs: readonly number[];
  readonly outputs: readonly Output[];
  /** The buffers of the random keys that it was given; of those that it gave, or what these always are. */
  readonly keys: readonly number[];
  readonly nextKeys: readonly (number | KeyWords)[];
  /** The counts that it gave, and the bounds between which those that it was given may lie. */
  readonly nextCounts: readonly (NextCount | number)[];
  readonly bounds: ReadonlySet<number>;
  /** Its result, whose tensors are freed, and what stands between them in a text. */
  readonly result: unknown;
  readonly signature: string;
  /** Whether f has kept tensors for later calls, which begin otherwise then. */
  readonly keeps: boolean;
  /** When it ended, in milliseconds, as f can ask for the time. */
  readonly ended: number;
};

type Made = Omit<Take, 'recording' | 'keeps' | 'ended'>;

/**
 * Records what a function does with trees like `args`, of which no value is read.
 *
 * What it keeps for later (`tf.keep`, a variable that it assigns to) gets the values of a call with `args`, by a program
 * in `arena`, and is refused but where the take makes a call itself, its first.
 *
 * @param isOwn - Whether the take makes a call itself: then the random keys are those of `args`, which hold no counts.
 * @throws When that cannot be replayed, a `CaptureError`, and when the function does.
 */
export function takeOf(
  runtime: Runtime,
  f: (...args: never[]) => unknown,
  args: readonly unknown[],
  arena: Arena,
  isOwn = false,
): Take {
  const { recorder, storage, backend } = runtime;
  const inputs: number[] = [];
  const keys: number[] = [];
  const counts = followCounts();
  const before = new Set(storage.unfilled());
  const placeholder = ({ shape, dtype }: TensorInfo): Tensor => {
    const info = storage.output(shape, dtype);
    const { address } = storage.get(info.dataId);
    recorder.bind(address);
    inputs.push(recorder.placeOf(address).buffer);
    return engine().makeTensorFromTensorInfo(info, backend);
  };
  const run = (): Made => {
    const nextKeys: (number | KeyWords)[] = [];
    const nextCounts: (NextCount | number)[] = [];
    const placeholders = new Map<number, Tensor>();
    const stand = (leaf: Tensor): Tensor => {
      const known = placeholders.get(leaf.id) ?? placeholder(leaf);
      placeholders.set(leaf.id, known);
      return known;
    };
    const { bufferOf, give } = recorder.keys();
    // Keys are others than the real ones, and than at any other take: what depends on their numbers shows.
    const other = (real: KeyWords): KeyWords => {
      const key = isOwn ? real : ([someWord(), someWord()] as const);
      keys.push(give(key));
      return key;
    };
    const given = replaceLeaves(args, stand, other, counts.give);
    const made = f(...(given as never[]));
    const { signature } = flatten(made);
    const outputs: Output[] = [];
    // One for each place, also where one tensor stands in two.
    const note = (leaf: Tensor): void => {
      const data = storage.get(leaf.dataId);
      recorder.see(data, leaf);
      outputs.push({ buffer: recorder.placeOf(data.address).buffer, shape: leaf.shape, dtype: leaf.dtype });
    };
    const noteKey = (key: KeyWords): unknown => nextKeys.push(bufferOf(key) ?? key);
    replaceLeaves(made, note, noteKey, (counted) => nextCounts.push(counts.madeOf(counted)));
    return { inputs, outputs, keys, nextKeys, nextCounts, bounds: counts.bounds, result: made, signature };
  };
  let made: Made | undefined;
  let kept: readonly Data[] = [];
  try {
    recorder.record(() =>
      watchCounts(counts.watch, () =>
        tidy(() => {
          made = run();
        }),
      ),
    );
  } finally {
    kept = storage.unfilled().filter((data) => !before.has(data));
    // A later look is made with tensors that may be gone.
    const isThere = flatten(args).leaves.every((leaf) => !leaf.isDisposed);
    if (kept.length > 0 && isThere) fillKept(runtime, { inputs, keys, kept }, args, arena);
  }
  if (kept.length > 0 && !isOwn)
    throw new CaptureError('it keeps a tensor for later (tf.keep, or a variable that it assigns to): give it back');
  if (!made) throw new CaptureError('it gave nothing');
  // What nobody reads may be done at a first call only: it is no part of what is compared and replayed.
  const recording = withoutDeadResults(
    recorder.recorded(),
    made.outputs.map(({ buffer }) => buffer),
  );
  return { recording, ...made, keeps: kept.length > 0, ended: Date.now() };
}

const someWord = (): number => Math.floor(Math.random() * 2 ** 32);
