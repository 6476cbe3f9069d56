import { type BackendRequest, useBackend } from '@steppe/backends';
import { key } from '@steppe/random';
import { dispose, leaves, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import type { Tiny } from './table.ts';

type Values = ReadonlyMap<string, Float32Array>;

const largest = (x: Iterable<number>): number => [...x].reduce((most, v) => Math.max(most, Math.abs(v)), 0);

/** The largest difference anywhere, relative to the largest number of its tensor where that is not zero but for
 * rounding; NaN where one has numbers that the other lacks. */
function gap(a: Values, b: Values): number {
  const least = 1e-4 * Math.max(...[...b.values()].map(largest));
  const gaps = [...b].map(([path, y]) => {
    const x = a.get(path);
    const differences = y.map((v, i) => v - (x?.[i] ?? Number.NaN));
    return differences.some(Number.isNaN) ? Number.NaN : largest(differences) / Math.max(largest(y), least);
  });
  return a.size === b.size && !gaps.some(Number.isNaN) ? Math.max(...gaps) : Number.NaN;
}

/** Runs on a backend and gives the numbers, and how many tensors it left. */
async function numbers(
  backend: BackendRequest,
  run: () => Tree,
): Promise<{ readonly values: Values; readonly left: number }> {
  await useBackend(backend);
  const before = tf.memory().numTensors;
  const tree = run();
  const read = leaves(tree).map(async ({ path, leaf }) => [path, Float32Array.from(await leaf.data())] as const);
  const values = new Map(await Promise.all(read));
  dispose(tree);
  return { values, left: tf.memory().numTensors - before };
}

/**
 * Runs the cases that every network has on WebGPU, and says what fails: logits and statistics in evaluation; loss,
 * gradient and statistics in training; SAM; the Hessian times a vector, all beside WASM's numbers; noise that is that of
 * its key; and no tensor left.
 *
 * @param briefly - The gradient alone: a software renderer takes a minute for all of a larger network.
 */
export async function faultsOnWebGpu(network: Tiny, briefly = false): Promise<readonly string[]> {
  const faults: string[] = [];
  const say = (holds: boolean, text: string): void => void (holds || faults.push(text));
  const on = async (what: string, run: () => Tree): Promise<Values> => {
    const { values, left } = await numbers('webgpu', run);
    say(left === 0, `${what} left ${left} tensors`);
    return values;
  };
  const beside = async (what: string, bound: number, run: () => Tree): Promise<Values> => {
    const wanted = (await numbers('wasm', run)).values;
    const given = await on(what, run);
    const difference = gap(given, wanted);
    say(difference < bound, `${what} differs from WASM's by ${difference}, ${bound} at most`);
    return given;
  };

  const once = await beside('the gradient', 1e-3, () => network.gradient(key(3)));
  if (briefly) return faults;
  await beside('evaluation', 1e-4, () => network.apply({ training: false }));
  // At a step's distance rounding has grown: native and WASM differ by as much in EfficientNet.
  await beside('the gradient of SAM', 1e-2, () => network.sam(0.05, key(3)));
  if (network.refused === undefined) await beside('the Hessian times a vector', 1e-2, () => network.curvature(key(3)));
  if (network.noisy) {
    const same = (values: Values): boolean => gap(values, once) === 0;
    say(same(await on('the gradient', () => network.gradient(key(3)))), 'one key gave two gradients');
    say(same(await on('SAM of radius 0', () => network.sam(0, key(3)))), 'both passes of SAM do not see one network');
    const other = gap(await on('the gradient', () => network.gradient(key(4))), once);
    say(other > 1e-3, `another key moved the gradient by ${other} only`);
  }
  return faults;
}
