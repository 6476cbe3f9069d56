import { hvp } from '@steppe/autograd';
import * as tf from '@tensorflow/tfjs';
import {
  averageSharpness,
  featureRank,
  fisherRaoNorm,
  hessian,
  innerMaximum,
  keskarSharpness,
  lossCurve,
  magnitudes,
  margins,
  mSharpness,
  noiseCurve,
  normalizeLogits,
  operatorOf,
  pathNorm,
  quantizationCurve,
  relativeFlatness,
  samCertificate,
  samSharpness,
  trace,
  weightNorms,
  worstCaseSharpness,
} from '../../src/index.ts';
import {
  type Batch,
  crossEntropy,
  features,
  logits,
  loss,
  type Params,
  reference,
  referenceBatches,
  referenceParams,
} from './network.ts';

/** A number that a measure gives, what PyTorch says of it in float64, and by what share they may differ. */
export type Row = readonly [name: string, found: number, wanted: number, share: number];

/** Up to the rounding of float32 losses, whose difference is taken. */
const ROUNDING = 3e-4;

const relu = ({ hidden, hiddenBias, head, headBias }: Params) =>
  tf.add(tf.matMul(tf.relu(tf.add(tf.matMul(tf.ones([1, 4]), hidden), hiddenBias)), head), headBias);

/** Takes every measure of the network of the reference once, on the backend of now. */
export async function againstReference(): Promise<readonly Row[]> {
  const [params, batches] = [referenceParams(), referenceBatches(5)];
  const [whole, scale] = [referenceBatches(12), magnitudes(params)];
  const { rho } = reference;
  const rows: Row[] = [];
  const row = (name: string, found: number | undefined, wanted: number | undefined, share = ROUNDING) =>
    rows.push([name, found ?? Number.NaN, wanted ?? Number.NaN, share]);

  for (const [name, sam] of Object.entries(reference.sam))
    for (const [kind, options] of [['plain', {}] as const, ['adaptive', { scale }] as const]) {
      const { value, promised } = await samSharpness(loss, params, whole, { rho, p: Number(name), ...options });
      row(`samSharpness, p = ${name}, ${kind}`, value, sam[kind].value);
      row(`promised, p = ${name}, ${kind}`, promised, sam[kind].promised);
    }
  const worst = reference.worst['2']?.plain;
  row('worstCaseSharpness', (await worstCaseSharpness(loss, params, whole, { rho })).value, worst, 0.01);
  const adaptive = await worstCaseSharpness(loss, params, whole, { rho, scale });
  row('worstCaseSharpness, adaptive', adaptive.value, reference.worstInEllipsoid, 0.01);
  const { step } = await innerMaximum(loss, params, batches, { rho, share: 'all', iterations: 1 });
  row('innerMaximum', step.value, reference.sam['2']?.plain.value);
  const keskar = await keskarSharpness(loss, params, whole, { epsilon: 0.1 });
  row('keskarSharpness', keskar.value, reference.keskar, 0.05);
  const average = await averageSharpness(loss, params, whole, { rho: 0.2, samples: 16 });
  const { value: mean, deviation } = reference.average.plain;
  row('averageSharpness, in standard errors', 1 + (average.value - mean) / (deviation / 4), 1, 3.5);
  const { points } = await mSharpness(loss, params, whole, { rho, sizes: [12] });
  row('mSharpness', points[0]?.value, reference.sam['2']?.plain.value);
  const { entries } = await samCertificate(loss, params, whole, { rho, order: 2 });
  for (const [entry, wanted] of Object.entries(reference.certificate['2'] ?? {}))
    row(`samCertificate, ${entry}`, entries[entry]?.value, wanted);

  const operator = operatorOf(params, (v) => hvp(loss)(params, whole[0] as Batch, v));
  const flat = await relativeFlatness(operator, { layer: '.head', samples: 'all' });
  row('relativeFlatness', flat.value, reference.relativeFlatness);
  const block = hessian(loss, params, batches, { wanted: (path) => path === '.headBias' });
  const p = tf.tidy(
    () =>
      tf
        .softmax(logits(params, whole[0] as Batch))
        .square()
        .sum(1)
        .mean()
        .dataSync()[0],
  );
  row('trace', (await trace(block, { sketch: 3, samples: 2 })).value, 1 - (p as number));
  const parts = { outputs: logits, loss: crossEntropy };
  row('fisherRaoNorm', (await fisherRaoNorm(parts, params, batches, { layers: 2 })).value, reference.fisherRao);
  row('pathNorm', (await pathNorm(relu, params)).value, reference.pathNorm);
  const { layers } = await weightNorms(params);
  row('weightNorms', layers[1]?.spectral, reference.spectral.head);
  const led = await margins({ outputs: logits, labels: ({ y }: Batch) => y }, params, batches);
  row('margins', led.value, reference.margin);
  const { variances } = await featureRank(features, params, batches);
  row('featureRank', variances[0], reference.variances[0]);

  const rounded = await quantizationCurve(loss, params, batches, { bits: [3] });
  row('quantizationCurve', rounded.points[0]?.value, reference.quantized['3']);
  const noisy = await noiseCurve(loss, params, batches, { levels: [0], samples: 1 });
  row('noiseCurve', noisy.points[0]?.value, reference.loss);
  const line = await lossCurve(loss, params, scale, batches, { at: [0] });
  row('lossCurve', line.values[0], reference.loss);
  const scaled = tf.tidy(() =>
    [1, 50].map((c) => normalizeLogits(tf.mul(logits(params, whole[0] as Batch), c)).dataSync()[0]),
  );
  row('normalizeLogits', scaled[1], scaled[0]);

  tf.dispose([params, batches, whole, scale]);
  return rows;
}

/** The rows that are further apart than they may be. */
export const apart = (rows: readonly Row[]): readonly Row[] =>
  rows.filter(([, found, wanted, share]) => !(Math.abs(found / wanted - 1) <= share));
