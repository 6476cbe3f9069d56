import { correctCpu } from '@steppe/kernels/cpu';
import { dispose, leaves, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { Case } from './case.ts';

/** A tensor of a result, read. */
export type Read = {
  /** Where it stands in the result, such as `.gradients[0]`. */
  readonly path: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly values: ArrayLike<number>;
};

/** What a case came to on a backend. */
export type Outcome = { readonly tensors: readonly Read[]; readonly leaked: number } | { readonly thrown: string };

/** The flags by which tfjs's GPU backends compute on the host whatever is small and lies there: that would say nothing
 * of the device. */
const forwards: { readonly [backend: string]: string } = { webgpu: 'WEBGPU_CPU_FORWARD', webgl: 'WEBGL_CPU_FORWARD' };

async function onTheDevice<Result>(backend: string, compute: () => Promise<Result>): Promise<Result> {
  const flag = forwards[backend];
  if (flag === undefined) return compute();
  const before = tf.env().getBool(flag);
  tf.env().set(flag, false);
  try {
    return await compute();
  } finally {
    tf.env().set(flag, before);
  }
}

async function activate(backend: string): Promise<void> {
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs could not start its backend "${backend}".`);
}

/** Computes on a backend, small tensors too, and makes the one before current again. */
export async function onBackend<Result>(backend: string, compute: () => Promise<Result>): Promise<Result> {
  // The reference is a dependency of this package: a program need not choose it first.
  if (backend === 'cpu' && !tf.findBackendFactory('cpu')) await import('@tensorflow/tfjs-backend-cpu');
  if (backend === 'cpu') correctCpu();
  if (!tf.findBackendFactory(backend))
    throw new Error(
      `tfjs knows no backend "${backend}": call useBackend first, or import the package that registers it.`,
    );
  const before = tf.engine().backendName;
  try {
    await activate(backend);
    return await onTheDevice(backend, compute);
  } finally {
    if (before && before !== backend) await activate(before);
  }
}

/** Tensors of the engine and data of the backend: a kernel that forgets an intermediate result shows only in the
 * latter. */
const held = (): number => tf.memory().numTensors + tf.engine().backend.numDataIds();

/** The first line of what an error says, without its full stop: a row is one line. */
const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]?.replace(/\.\s*$/, '') || 'unknown error';

/** Runs a case on the current backend and reads what it gives; nothing is thrown, nothing stays. */
export async function outcomeOf({ run }: Case): Promise<Outcome> {
  let result: Tree = null;
  try {
    const before = held();
    result = await run();
    const tensors: Read[] = [];
    for (const { path, leaf } of leaves(result)) {
      const { shape, dtype } = leaf;
      tensors.push({ path, shape, dtype, values: await leaf.data() });
    }
    dispose(result);
    result = null;
    return { tensors, leaked: held() - before };
  } catch (error) {
    dispose(result);
    return { thrown: firstLine(error) };
  }
}
