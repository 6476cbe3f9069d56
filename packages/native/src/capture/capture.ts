import { type Captured, type CaptureOptions, capturingBackend } from '@steppe/kernels';
import { getBackend } from '@tensorflow/tfjs-core';

/**
 * Captures a function of tensors: records the kernels that it ends in, and from then on replays them by one call of C,
 * without TensorFlow.js's engine, garbage or a warm-up, bit by bit as f computes them.
 *
 * f takes and gives trees: tensors and plain data in records and lists. It must be a function of them alone, and of a
 * `this` whose fields stay what they are. Each combination of structure, shapes, types and plain values runs as it is when
 * it comes for the first time, is recorded at the second, and replayed from then on; 32 are kept, and where more take
 * turns the others run as they are. What is neither input nor result is the recording's: numbers and tensors that f takes
 * from outside are constants. Whether they stay so is checked when it is recorded, then ever more seldom, at least every
 * 512 calls, and by `check()`: call it before the last results are used, for `dispose()` does not look.
 *
 * Nothing passed in is freed, what is returned is the caller's. Inside of a gradient, or of another captured function, f
 * runs as it is.
 *
 * @param options - `warmup: 0` records at the first call of a combination, which is looked at again at the next; with
 * `fuse: false` all calls are replayed as they were recorded.
 * @throws When the backend is not `native`. At a call, what f throws, and, with the name `CaptureError`, what in f cannot
 * be replayed: a kernel that runs in JavaScript, a value that is read back, a variable, numbers of the host that change;
 * its `unsure` counts the replays since the last check, whose results may be wrong.
 * @see jax.jit, and torch.cuda.graph, whose replays have a memory of their own too.
 *
 * @example
 * ```ts
 * import { capture, registerNative } from '@steppe/native';
 * import * as tf from '@tensorflow/tfjs';
 *
 * await registerNative();
 * await tf.setBackend('native');
 * const length = capture((x: tf.Tensor) => tf.sqrt(tf.sum(tf.square(x))));
 * const lengths = [1, 2, 3].map((i) => length(tf.tensor1d([3 * i, 4 * i])).arraySync());
 * console.log(lengths, length.recordings); // => [ 5, 10, 15 ] 1
 * length.dispose();
 * ```
 */
export function capture<Args extends readonly unknown[], Result>(
  f: (...args: Args) => Result,
  options: CaptureOptions = {},
): Captured<Args, Result> {
  if (typeof f !== 'function') throw new Error(`capture takes a function, got ${f === null ? 'null' : typeof f}.`);
  checkOptions(options);
  const backend = capturingBackend();
  if (!backend)
    throw new Error(
      `capture needs the backend native, got ${getBackend()}: await registerNative(), then tf.setBackend('native').`,
    );
  return backend.capture(f, options);
}

const printed = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : String(value));

function checkOptions(options: CaptureOptions): void {
  if (Object(options) !== options) throw new Error(`The options of capture must be a record, got ${String(options)}.`);
  const { fuse = true, warmup = 1, ...others } = options;
  const [other] = Object.keys(others);
  if (other !== undefined) throw new Error(`The options of capture are fuse and warmup, got ${other}.`);
  if (typeof fuse !== 'boolean') throw new Error(`fuse must be true or false, got ${printed(fuse)}.`);
  if (warmup !== 0 && warmup !== 1) throw new Error(`warmup must be 0 or 1, got ${printed(warmup)}.`);
}
