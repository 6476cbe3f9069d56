import { valueAndGrad } from '@steppe/autograd';
import { type BackendRequest, useBackend } from '@steppe/backends';
import { key } from '@steppe/random';
import type { Report } from '@steppe/transforms';
import { momentum, sam } from '@steppe/transforms';
import { leaves, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { put } from '../../src/during.ts';
import { fit, forget, fromLayersModel, layersLoss, toOptimizer } from '../../src/index.ts';
import { randomStream } from '../../src/random-stream.ts';
import type { Architecture } from './architectures.ts';

/** The numbers of each tensor in order: layers have another number in their names in every model. */
type Numbers = readonly Float32Array[];

const read = (tree: Tree): Promise<Float32Array[]> =>
  Promise.all(leaves(tree).map(async ({ leaf }) => Float32Array.from(await leaf.data())));

const args = { epochs: 1, batchSize: 3, shuffle: false, verbose: 0 } as const;

/**
 * What an architecture gives on a backend: outputs and the gradient by `fromLayersModel`, and the weights after two
 * steps of SAM by `fit` and by `model.fit` with `toOptimizer`.
 */
export async function traceOn(backend: BackendRequest, { make, x, y, loss }: Architecture): Promise<Numbers> {
  await useBackend(backend);
  tf.engine().startScope();
  const restore = put({ of: Math, name: 'random', value: randomStream(key(7)) });
  try {
    const model = make();
    const { params, state, apply } = fromLayersModel<tf.Tensor | tf.Tensor[]>(model);
    const { outputs, loss: last } = layersLoss(model, { loss });
    const batch = { xs: [x()].flat(), ys: [y()].flat() };
    const gradient = valueAndGrad({
      outputs: (at: typeof params, _: null) => outputs(at, state, batch, key(0))[0],
      loss: (made) => last(made, batch) as tf.Scalar | readonly [tf.Scalar, Report],
    });
    const made = [apply(params, state, x(), { training: false })[0]].flat();
    const numbers = await read([made, gradient(params, null).grads]);
    await fit(model, x(), y(), { ...args, loss, optimizer: sam(momentum(0.05), 0.05), key: key(1) });
    numbers.push(...(await read(fromLayersModel(model).params)));
    forget(model);
    const optimizer = toOptimizer(sam(momentum(0.05), 0.05), { key: key(1) });
    model.compile({ loss, optimizer });
    await model.fit(x(), y(), args);
    numbers.push(...(await read(fromLayersModel(model).params)));
    optimizer.dispose();
    return numbers;
  } finally {
    restore();
    tf.engine().endScope();
  }
}

/** The largest difference of two runs, relative to the largest number of each tensor and at least to 1. */
export function gap(a: Numbers, b: Numbers): number {
  if (a.length !== b.length) return Number.NaN;
  const gaps = b.map((y, place) => {
    const most = y.reduce((largest, v) => Math.max(largest, Math.abs(v)), 1);
    return y.reduce((largest, v, i) => Math.max(largest, Math.abs(v - (a[place]?.[i] ?? Number.NaN)) / most), 0);
  });
  return Math.max(...gaps);
}
