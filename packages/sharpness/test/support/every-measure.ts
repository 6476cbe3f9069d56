import * as tf from '@tensorflow/tfjs';
import {
  averageSharpness,
  featureRank,
  fisherRaoNorm,
  innerMaximum,
  keskarSharpness,
  lossCurve,
  margins,
  mSharpness,
  noiseCurve,
  type PassOptions,
  pacBayesSigma,
  quantizationCurve,
  rhoCurve,
  samCertificate,
  samSharpness,
  worstCaseSharpness,
} from '../../src/index.ts';
import { type Batch, crossEntropy, features, logits, loss, type Params } from './network.ts';

const accuracy = (w: Params, batch: Batch) =>
  tf.mean(tf.cast(tf.equal(tf.argMax(logits(w, batch), 1), tf.cast(batch.y, 'int32')), 'float32'));
const only = (path: string) => path.startsWith('.head');
const ball = { rho: 0.1, wanted: only };
/** Every measure that passes over batches, of the network of the reference on these. */
export const everyMeasure = (
  { params, scale }: { readonly params: Params; readonly scale: Params },
  batches: () => Iterable<Batch>,
  pass: Pick<PassOptions<Batch>, 'signal'> = {},
): { readonly [name: string]: () => Promise<unknown> } => ({
  samSharpness: () => samSharpness(loss, params, batches, { ...ball, scale, ...pass }),
  shared: () => samSharpness(loss, params, batches, { ...ball, share: 'all', ...pass }),
  worstCaseSharpness: () =>
    worstCaseSharpness(loss, params, batches, { ...ball, p: 1.5, iterations: 4, restarts: 1, ...pass }),
  averageSharpness: () => averageSharpness(loss, params, batches, { ...ball, scale, samples: 2, ...pass }),
  keskarSharpness: () => keskarSharpness(loss, params, batches, { iterations: 2, ...pass }),
  rhoCurve: () => rhoCurve(loss, params, batches, { rhos: [0.1, 0.2], ...pass }),
  mSharpness: () => mSharpness(loss, params, batches, { rho: 0.1, sizes: [3], ...pass }),
  samCertificate: () => samCertificate(loss, params, batches, { rho: 0.1, order: 2, ...pass }),
  innerMaximum: () =>
    innerMaximum(loss, params, batches, { rho: 0.1, p: Number.POSITIVE_INFINITY, iterations: 2, ...pass }),
  fisherRaoNorm: () => fisherRaoNorm({ outputs: logits, loss: crossEntropy }, params, batches, { layers: 2, ...pass }),
  pacBayesSigma: () => pacBayesSigma(accuracy, params, batches, { steps: 2, samples: 2, magnitude: 1e-3, ...pass }),
  margins: () => margins({ outputs: logits, labels: ({ y }: Batch) => y }, params, batches, pass),
  featureRank: () => featureRank(features, params, batches, pass),
  quantizationCurve: () => quantizationCurve(accuracy, params, batches, { bits: [3], ...pass }),
  noiseCurve: () => noiseCurve(accuracy, params, batches, { levels: [0.1], samples: 2, ...pass }),
  lossCurve: () => lossCurve(loss, params, scale, batches, { at: [0, 1], ...pass }),
});
