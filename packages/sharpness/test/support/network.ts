import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';

/** Numbers of `tools/vectors/sharpness-measures.py`, which says how each is computed. */
export type Reference = {
  readonly rho: number;
  readonly weights: { readonly [name: string]: { readonly shape: number[]; readonly values: number[] } };
  readonly x: number[][];
  readonly y: number[];
  readonly loss: number;
  readonly sam: {
    readonly [p: string]: { readonly [kind in 'plain' | 'adaptive']: { value: number; promised: number } };
  };
  readonly samByHalves: readonly number[];
  readonly worst: { readonly [p: string]: { readonly [kind in 'plain' | 'adaptive']: number } };
  readonly worstInEllipsoid: number;
  readonly keskar: number;
  readonly average: {
    readonly [kind in 'plain' | 'adaptive']: { value: number; standardError: number; deviation: number };
  };
  readonly relativeFlatness: number;
  readonly relativeFlatnessOfNeurons: number;
  readonly deviations: readonly number[];
  readonly fisherRao: number;
  readonly pathNorm: number;
  readonly margins: readonly number[];
  readonly margin: number;
  readonly variances: readonly number[];
  readonly certificate: { readonly [p: string]: { readonly [entry: string]: number } };
  readonly quantized: { readonly [bits: string]: number };
  readonly spectral: { readonly hidden: number; readonly head: number };
  readonly conv: {
    shape: [number, number, number, number];
    values: number[];
    readonly '8': number;
    readonly '7': number;
  };
  readonly bound: { readonly [term: string]: number };
  readonly boundOfFew: { readonly [term: string]: number };
};

export const reference: Reference = JSON.parse(
  readFileSync(new URL('../fixtures/measures.json', import.meta.url), 'utf8'),
);

export type Params = {
  readonly hidden: tf.Tensor2D;
  readonly hiddenBias: tf.Tensor1D;
  readonly head: tf.Tensor2D;
  readonly headBias: tf.Tensor1D;
};
export type Batch = { readonly x: tf.Tensor2D; readonly y: tf.Tensor1D };

export function referenceParams(): Params {
  const of = (name: string) => {
    const { shape, values } = reference.weights[name] ?? { shape: [], values: [] };
    return tf.tensor(values, shape);
  };
  return {
    hidden: of('hidden') as tf.Tensor2D,
    hiddenBias: of('hiddenBias') as tf.Tensor1D,
    head: of('head') as tf.Tensor2D,
    headBias: of('headBias') as tf.Tensor1D,
  };
}

/** The examples in batches of some size. */
export const referenceBatches = (size: number): Batch[] =>
  Array.from({ length: Math.ceil(reference.y.length / size) }, (_, i) => ({
    x: tf.tensor2d(reference.x.slice(i * size, (i + 1) * size)),
    y: tf.tensor1d(reference.y.slice(i * size, (i + 1) * size), 'int32'),
  }));

export const features = ({ hidden, hiddenBias }: Params, { x }: Batch): tf.Tensor2D =>
  tf.tanh(tf.add(tf.matMul(x, hidden), hiddenBias));

export const logits = (params: Params, batch: Batch): tf.Tensor2D =>
  tf.add(tf.matMul(features(params, batch), params.head), params.headBias);

export const crossEntropy = (f: tf.Tensor, { y }: Batch): tf.Tensor =>
  tf.mean(tf.sub(tf.logSumExp(f, 1), tf.sum(tf.mul(f, tf.cast(tf.oneHot(y, 3), 'float32')), 1)));

export const loss = (params: Params, batch: Batch): tf.Tensor => crossEntropy(logits(params, batch), batch);
