import { key, normals } from '@steppe/random';
import { clone, dispose, leaves, map, pure, size } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { softmaxCrossEntropy, type WideResNetParams, type WideResNetState, wideResNet } from '../../src/index.ts';
import { gradient } from '../support/gradient.ts';
import { crossEntropy, forward, toFloat64, toImages } from '../support/reference.ts';

const pixels = normals(key(9), 2 * 8 * 8 * 2);
const images = tf.tensor4d(pixels, [2, 8, 8, 2]);
const labels = [2, 0];
const tiny = (activation: 'relu' | 'silu', dropout = 0) =>
  wideResNet({ depth: 10, width: 1, classes: 3, activation, dropout });

/** Parameters that are nowhere at their initial zeros and ones, so that every term of the network counts. */
const perturbed = <T extends WideResNetParams | WideResNetState>(tree: T): T => {
  const places = leaves(tree).map(({ path }) => path);
  return pure(() =>
    map(tree, (leaf, path) => {
      const noise = tf.tensor(normals(key(100 + places.indexOf(path)), leaf.size), leaf.shape);
      return tf.add(leaf, tf.mul(noise, 0.05));
    }),
  );
};

describe('the number of parameters is the published one', () => {
  test.each([
    // Zagoruyko and Komodakis print 0.6 M (40-1), 2.2 M (40-2) and 36.5 M (28-10).
    { depth: 10, width: 1, classes: 10, channels: 3, parameters: 77_850 },
    { depth: 16, width: 1, classes: 10, channels: 1, parameters: 174_778 },
    { depth: 16, width: 1, classes: 10, channels: 3, parameters: 175_066 },
    { depth: 16, width: 4, classes: 10, channels: 3, parameters: 2_748_890 },
    { depth: 40, width: 1, classes: 10, channels: 3, parameters: 563_930 },
    { depth: 40, width: 2, classes: 10, channels: 3, parameters: 2_243_546 },
    { depth: 28, width: 10, classes: 10, channels: 3, parameters: 36_479_194 },
  ])('WRN-$depth-$width on $channels channels has $parameters', ({ channels, parameters, ...options }) => {
    const { params, state } = wideResNet(options).init(key(0), [32, 32, channels]);
    expect(size(params)).toBe(parameters);
    dispose(params, state);
  });
});

describe('options', () => {
  const good = { depth: 10, width: 1, classes: 10 };

  test.each([4, 12, 17, 10.5, -2, Number.NaN])('depth %s is refused with the depths there are', (depth) => {
    expect(() => wideResNet({ ...good, depth })).toThrow(
      `depth must be 6n + 4 (10, 16, 22, 28, 40, ...), got ${depth}.`,
    );
  });

  test('a width, a number of classes, a dropout and an activation out of range are refused by name', () => {
    expect(() => wideResNet({ ...good, width: 0 })).toThrow('width must be a positive whole number, got 0.');
    expect(() => wideResNet({ ...good, classes: 2.5 })).toThrow('classes must be a positive whole number, got 2.5.');
    expect(() => wideResNet({ ...good, dropout: 1 })).toThrow('dropout must be in [0, 1), got 1.');
    // @ts-expect-error the activations are named in the type
    expect(() => wideResNet({ ...good, activation: 'elu' })).toThrow(
      'activation must be "relu" or "relu6" or "silu" or "gelu" or "geluTanh", got "elu".',
    );
  });

  test('training with dropout asks for a key, evaluating does not', () => {
    const model = tiny('relu', 0.5);
    const { params, state } = model.init(key(0), [8, 8, 2]);
    expect(() => model.apply(params, state, images, { training: true })).toThrow('needs a random key');
    expect(model.apply(params, state, images, { training: false })[0].shape).toEqual([2, 3]);
  });
});

describe('the parameter tree', () => {
  const { params, state } = wideResNet({ depth: 10, width: 2, classes: 3 }).init(key(0), [8, 8, 2]);

  test('is named for reading', () => {
    expect(leaves(params).map(({ path, leaf }) => `${path} ${leaf.shape}`)).toMatchSnapshot();
    expect(leaves(state).map(({ path, leaf }) => `${path} ${leaf.shape}`)).toMatchSnapshot();
  });

  test('is typed', () => {
    expectTypeOf(params.groups[0]?.[0]?.shortcut?.kernel).toEqualTypeOf<tf.Tensor4D | undefined>();
    // @ts-expect-error a kernel is not a bias
    expect(params.stem.bias).toBeUndefined();
  });

  test('has a shortcut convolution exactly where the channels change', () => {
    const shortcuts = (width: number) =>
      leaves(wideResNet({ depth: 16, width, classes: 3 }).init(key(0), [8, 8, 2]).params)
        .map(({ path }) => path)
        .filter((path) => path.includes('shortcut'));
    expect(shortcuts(1)).toEqual(['.groups[1][0].shortcut.kernel', '.groups[2][0].shortcut.kernel']);
    expect(shortcuts(2)).toHaveLength(3);
  });
});

describe('against a second implementation in float64', () => {
  const rows = toImages(pixels, 8, 8, 2);

  for (const activation of ['relu', 'silu'] as const) {
    for (const training of [true, false]) {
      test(`logits agree, ${activation}, ${training ? 'training' : 'evaluation'}`, () => {
        const model = tiny(activation);
        const start = model.init(key(1), [8, 8, 2]);
        const [params, state] = [perturbed(start.params), perturbed(start.state)];
        const [logits] = model.apply(params, state, images, { training });
        const expected = forward(toFloat64(params), rows, activation, training ? undefined : toFloat64(state));
        for (const [n, row] of logits.arraySync().entries())
          for (const [c, logit] of row.entries()) expect(logit).toBeCloseTo(expected[n]![c]!, 4);
      });
    }
  }

  test('an image of odd sides and a wide block with a shortcut in the first group agree', () => {
    const model = wideResNet({ depth: 10, width: 2, classes: 3 });
    const { params, state } = model.init(key(1), [7, 5, 1]);
    const odd = normals(key(2), 2 * 7 * 5);
    const [logits] = model.apply(params, state, tf.tensor4d(odd, [2, 7, 5, 1]), { training: true });
    const expected = forward(toFloat64(params), toImages(odd, 7, 5, 1), 'relu');
    for (const [n, row] of logits.arraySync().entries())
      for (const [c, logit] of row.entries()) expect(logit).toBeCloseTo(expected[n]![c]!, 4);
  });

  test('the gradient of every leaf agrees with finite differences of the reference, on a smooth network', () => {
    const model = tiny('silu');
    const start = model.init(key(1), [8, 8, 2]);
    const [params, state] = [perturbed(start.params), start.state];
    const loss = (p: WideResNetParams) =>
      softmaxCrossEntropy(model.apply(p, state, images, { training: true })[0], tf.tensor1d(labels, 'int32'));
    const before = tf.memory().numTensors;
    const { value, grads } = gradient(loss, params);
    expect(tf.memory().numTensors - before).toBe(1 + leaves(params).length);

    const values = toFloat64(params);
    const at = (path: string, x: Float64Array) =>
      crossEntropy(forward(new Map(values).set(path, x), rows, 'silu'), labels);
    expect(value.arraySync()).toBeCloseTo(crossEntropy(forward(values, rows, 'silu'), labels), 5);
    for (const [i, { path, leaf }] of leaves(grads).entries()) {
      const g = [...leaf.dataSync()];
      const direction = normals(key(200 + i), leaf.size);
      const moved = (h: number) => Float64Array.from(values.get(path) ?? [], (w, k) => w + h * direction[k]!);
      const slope = (at(path, moved(1e-5)) - at(path, moved(-1e-5))) / 2e-5;
      const length = Math.hypot(...g) * Math.hypot(...direction);
      const inner = g.reduce((sum, x, k) => sum + x * direction[k]!, 0);
      expect(Math.abs(inner - slope) / length, path).toBeLessThan(1e-4);
    }
  });
});

describe('state', () => {
  const model = tiny('relu');
  const { params, state } = model.init(key(3), [8, 8, 2]);

  test('moves by a tenth toward the statistics of the batch in training', () => {
    const [, next] = model.apply(params, state, images, { training: true });
    const stem = tf.conv2d(images, params.stem.kernel, 1, 'same');
    const { mean, variance } = tf.moments(stem, [0, 1, 2]);
    const norm1 = next.groups[0]![0]!.norm1;
    const expected = { mean: tf.mul(mean, 0.1), variance: tf.add(0.9, tf.mul(variance, 0.1)) };
    expect(tf.max(tf.abs(tf.sub(norm1.mean, expected.mean))).arraySync()).toBeLessThan(1e-6);
    expect(tf.max(tf.abs(tf.sub(norm1.variance, expected.variance))).arraySync()).toBeLessThan(1e-6);
  });

  test('of a network of another depth is refused with the place', () => {
    const deeper = wideResNet({ depth: 16, width: 1, classes: 3 });
    const other = deeper.init(key(0), [8, 8, 2]).params;
    expect(() => deeper.apply(other, state, images, { training: false })).toThrow('nothing at ".groups[0][1]"');
  });

  test('comes back unchanged from an evaluation, as a copy', () => {
    const [, next] = model.apply(params, state, images, { training: false });
    for (const [i, { leaf, path }] of leaves(next).entries()) {
      const { leaf: old } = leaves(state)[i]!;
      expect(leaf.id, path).not.toBe(old.id);
      expect(leaf.dataSync(), path).toEqual(old.dataSync());
    }
    dispose(next);
    expect(state.norm.mean.dataSync()).toHaveLength(64);
  });

  test('reaches the statistics of a batch that is seen again and again, so that evaluation equals training', () => {
    const [training] = model.apply(params, state, images, { training: true });
    const last = Array.from({ length: 120 }).reduce<WideResNetState>((seen) => {
      const [logits, next] = model.apply(params, seen, images, { training: true });
      dispose(logits, seen);
      return next;
    }, clone(state));
    const [evaluation] = model.apply(params, last, images, { training: false });
    expect(tf.max(tf.abs(tf.sub(training, evaluation))).arraySync()).toBeLessThan(1e-4);
  });
});

describe('purity', () => {
  const model = tiny('relu', 0.3);
  const { params, state } = model.init(key(4), [8, 8, 2]);
  const run = (training: boolean, seed = 5) => model.apply(params, state, images, { training, key: key(seed) });

  test('one key gives one start, another key another', () => {
    const kernel = (seed: number) => model.init(key(seed), [8, 8, 2]).params.groups[2]![0]!.conv2.kernel.dataSync();
    expect(kernel(1)).toEqual(kernel(1));
    expect(kernel(1)).not.toEqual(kernel(2));
  });

  test('no two kernels of one start are equal', () => {
    const kernels = leaves(params).filter(({ path }) => path.endsWith('kernel'));
    expect(new Set(kernels.map(({ leaf }) => leaf.dataSync()[0])).size).toBe(kernels.length);
  });

  test('the same inputs give the same outputs, bit for bit, dropout included', () => {
    const [[logits, next], [again, nextAgain]] = [run(true), run(true)];
    expect(logits.dataSync()).toEqual(again.dataSync());
    expect(leaves(next).map(({ leaf }) => leaf.dataSync())).toEqual(
      leaves(nextAgain).map(({ leaf }) => leaf.dataSync()),
    );
    expect(run(true, 6)[0].dataSync()).not.toEqual(logits.dataSync());
  });

  test('the mask depends on the key alone, so a step to other weights sees the same network', () => {
    // With equal weights in conv2 the dropped entries are all that can differ between the keys; with equal keys nothing
    // can.
    const near = map(params, (leaf) => tf.add(leaf, 1e-6));
    const gap = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).arraySync() as number;
    const [moved] = model.apply(near, state, images, { training: true, key: key(5) });
    expect(gap(moved, run(true, 5)[0])).toBeLessThan(1e-3);
    expect(gap(moved, run(true, 6)[0])).toBeGreaterThan(1e-2);
  });

  test('only results are left, in training and in evaluation', () => {
    const results = 1 + leaves(state).length;
    for (const training of [true, false]) {
      const before = tf.memory().numTensors;
      const outputs = Array.from({ length: 5 }, () => run(training));
      expect(tf.memory().numTensors - before).toBe(5 * results);
      dispose(...outputs);
      expect(tf.memory().numTensors).toBe(before);
    }
  });

  test('init leaves only parameters and state', () => {
    const before = tf.memory().numTensors;
    const start = model.init(key(0), [8, 8, 2]);
    expect(tf.memory().numTensors - before).toBe(leaves(start).length);
    dispose(start);
  });

  test('an image of other channels is an error that leaves nothing behind', () => {
    const before = tf.memory().numTensors;
    const gray = tf.zeros<tf.Rank.R4>([2, 8, 8, 1]);
    expect(() => model.apply(params, state, gray, { training: false })).toThrow(/depth of input \(1\)/);
    gray.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
