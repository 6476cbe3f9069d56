import type { DataType, Tensor } from '@tensorflow/tfjs-core';
import { capturingBackend } from './capture.ts';
import { keyWatch } from './random.ts';

/** Numbers, texts and lists and records of them. */
export type Plain = number | string | boolean | null | readonly Plain[] | { readonly [name: string]: Plain };

/** What a callback makes of tensors, whose values it may read. */
export type Run<About extends Plain> = (inputs: readonly Tensor[], about: About) => readonly Tensor[];

/** Work that the kernels of a backend do not do, in the midst of those that they do: a message to other processes. */
export type Callback<About extends Plain = Plain> = {
  /** What it is called in errors. */
  readonly name: string;
  /** Its work: a function of its arguments alone, and the same one at each call, so made outside of what is captured. */
  run(inputs: readonly Tensor[], about: About): readonly Tensor[];
  readonly inputs: readonly Tensor[];
  /** What else decides what it does. */
  readonly about: About;
  /** What it gives. */
  readonly results: readonly { readonly shape: readonly number[]; readonly dtype: DataType }[];
};

/**
 * Calls `run(inputs, about)`, which may read the values of tensors: at once, and in a function that is captured at each
 * replay once, at this place among its kernels, but never while the function is recorded.
 *
 * So what it does besides, such as sending, is done as often and in the same order as without a recording. What is
 * recorded twice and differs in `run`, `about` or the results is refused like all that changes.
 *
 * @returns The caller's tensors; it has no gradient.
 * @throws When it gives something else than was said.
 * @see jax.experimental.io_callback, ordered.
 *
 * @example
 * ```ts
 * import { ioCallback } from '@steppe/kernels';
 * import * as tf from '@tensorflow/tfjs';
 *
 * await tf.setBackend('cpu');
 * const told = ([x]: readonly tf.Tensor[]) => [tf.scalar(x?.dataSync()[0] ?? 0)];
 * const inputs = [tf.tensor1d([3, 4])];
 * const [first] = ioCallback({ name: 'first', run: told, inputs, about: null, results: [{ shape: [], dtype: 'float32' }] });
 * console.log(first?.arraySync()); // => 3
 * ```
 */
export function ioCallback<About extends Plain>(callback: Callback<About>): readonly Tensor[] {
  return capturingBackend()?.callback?.(callback) ?? runCallback(callback, callback.inputs);
}

/** Calls what a callback runs, and sees that it gives what was said. */
export function runCallback<About extends Plain>(
  { name, run, about, results }: Omit<Callback<About>, 'inputs'>,
  inputs: readonly Tensor[],
): readonly Tensor[] {
  const made = run(inputs, about);
  const said = results.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(' ');
  const got = made.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(' ');
  if (said !== got) throw new Error(`${name} said that it gives ${said || 'nothing'}, and gave ${got || 'nothing'}.`);
  return made;
}

/** Refuses what cannot be made again by a replay. @throws When a function is recorded. */
export function refuseInRecording(what: string): void {
  // By the watch, which also a process without any backend can ask for.
  keyWatch()?.refuse?.(what);
}
