import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  type GradientTransformation,
  masked,
  microBatch,
  samTransform,
  scale,
  trace,
} from '../../src/index.ts';
import { bits, numbers } from '../support/trees.ts';
import { expectEach } from '../support/vectors.ts';

beforeAll(() => tf.setBackend('cpu'));

const kernels = (path: string) => path.endsWith('.kernel');
type Params = {
  readonly layer: { readonly kernel: tf.Tensor; readonly bias: tf.Tensor };
  readonly temperature: number;
};
const params = (): Params => ({ layer: { kernel: tf.tensor1d([3, 4]), bias: tf.tensor1d([6, 8]) }, temperature: 2 });

/** L(w) = ½‖kernel‖² + ½‖bias‖² + Σ kernel·bias: each part's gradient feels a perturbation of the other. */
const gradient = ({ layer: { kernel, bias }, temperature }: Params, x: tf.Tensor1D | null) => ({
  value: tf.sum<tf.Scalar>(tf.add(kernel, bias)),
  grads: { layer: { kernel: tf.add(kernel, bias), bias: tf.add(bias, kernel) }, temperature },
  aux: x === null ? null : tf.mean(x),
});

function update<State extends Parameters<typeof bits>[0]>(
  link: GradientTransformation<State>,
  x: tf.Tensor1D | null = null,
) {
  const w = params();
  const start = link.init(w);
  const [{ grads, aux }, state] = link.update(gradient, start, w, x);
  const seen = {
    kernel: numbers(grads.layer.kernel),
    bias: numbers(grads.layer.bias),
    state: numbers(state),
    aux: numbers(aux),
  };
  dispose(w, start, grads, aux, state);
  return seen;
}

describe('masked', () => {
  test('spares the other leaves from a map of gradients', () => {
    const { kernel, bias } = update(masked(addDecayedWeights(0.5), kernels));
    expectEach([...kernel, ...bias], [9 + 1.5, 12 + 2, 9, 12]);
  });

  test('takes norms over the chosen leaves only', () => {
    const { kernel, bias } = update(masked(clipByGlobalNorm(5), kernels));
    expectEach([...kernel, ...bias], [3, 4, 9, 12]);
  });

  test('makes states for the chosen leaves only', () => {
    const link = masked(trace(0.9), kernels);
    const w = params();
    const state = link.init(w);
    expect(bits(state)).toHaveLength(1);
    dispose(w, state);
    expect(update(link).state).toEqual([9, 12]);
  });

  test('perturbs the chosen leaves only, and leaves the other gradients at w', () => {
    const { kernel, bias } = update(masked(samTransform(5), kernels));
    expectEach([...kernel, ...bias], [9 + 3, 12 + 4, 9, 12]);
  });

  test('with everything chosen is the transformation, and a choice of nothing is refused with the paths that there are', () => {
    const inner = chain(trace(0.9), samTransform(0.5), clipByGlobalNorm(1));
    expect(update(masked(inner, () => true))).toEqual(update(inner));
    expect(() => update(masked(inner, (path) => path === 'kernel'))).toThrow(
      'masked(samTransform, select) chooses no leaf of the parameters, whose paths are ".layer.kernel", ".layer.bias".',
    );
  });

  test('passes slices through: aux and the other gradients are averaged with the chosen ones', () => {
    const x = tf.tensor1d([1, 2, 6]);
    const { kernel, bias, aux } = update(masked(chain(samTransform(5), microBatch(2)), kernels), x);
    expectEach([...kernel, ...bias, ...aux], [12, 16, 9, 12, 3]);
    x.dispose();
  });

  test('keeps states of the links around it apart', () => {
    const link = chain(trace(0.5), masked(chain(scale(2), trace(0.5)), kernels), trace(0.5));
    const w = params();
    const start = link.init(w);
    const [{ grads }, [before, [none, inner], after]] = link.update(gradient, start, w, null);
    expect(numbers(before)).toEqual([9, 12, 9, 12]);
    expect([none, ...numbers(inner)]).toEqual([null, 18, 24]);
    expect(numbers(after)).toEqual([18, 24, 9, 12]);
    expect(numbers(grads)).toEqual([18, 24, 9, 12]);
    dispose(w, start, grads, before, inner, after);
  });

  test('costs what the inner transformation costs', () => {
    expect(masked(samTransform(0.1), kernels).gradientCost).toBe(2);
  });
});
