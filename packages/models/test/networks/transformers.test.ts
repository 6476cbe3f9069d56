import { key } from '@steppe/random';
import { dispose, leaves, size } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { mlp, mlpMixer, mlpMixerNames, smallCnn, visionTransformer, visionTransformerNames } from '../../src/index.ts';

const counted = <P extends Parameters<typeof size>[0]>(start: { params: P; state: null }) => {
  const [count, tensors] = [size(start.params), leaves(start.params).length];
  dispose(start);
  return { count, tensors };
};

describe('counts of parameters', () => {
  test.each([
    ['tiny', 16, 224, 5_717_416],
    ['tiny', 4, 32, 5_553_832],
    ['small', 16, 224, 22_050_664],
  ] as const)('of a %s Vision Transformer with patches of %i on %i pixels', (variant, patch, side, parameters) => {
    const options = { variant, patch, classes: 1000 };
    const { count, tensors } = counted(visionTransformer(options).init(key(0), [side, side, 3]));
    expect(count).toBe(parameters);
    for (const library of ['timm', 'torchvision'] as const)
      expect(visionTransformerNames(options, library)).toHaveLength(tensors);
  });

  test('of a small MLP-Mixer', () => {
    const options = { variant: 'small' as const, classes: 1000 };
    const { count, tensors } = counted(mlpMixer(options).init(key(0), [224, 224, 3]));
    expect(count).toBe(18_528_264);
    expect(mlpMixerNames(options)).toHaveLength(tensors);
  });

  test('of a multilayer perceptron and a small CNN', () => {
    expect(counted(mlp({ widths: [100, 50], classes: 10 }).init(key(0), [28, 28, 1])).count).toBe(
      784 * 100 + 100 + 100 * 50 + 50 + 50 * 10 + 10,
    );
    const { params } = smallCnn({ classes: 10 }).init(key(0), [32, 32, 3]);
    expect(size(params)).toBe(9 * (3 * 32 + 32 * 64 + 64 * 128) + 2 * (32 + 64 + 128) + 128 * 10 + 10);
  });
});

describe('a Vision Transformer', () => {
  const size = { features: 12, depth: 3, heads: 3 };

  test('refuses images of another size than it was made for, and patches that are not whole', () => {
    const model = visionTransformer({ variant: size, patch: 4, classes: 2 });
    const { params, state } = model.init(key(0), [8, 8, 1]);
    expect(() => model.apply(params, state, tf.ones([1, 12, 8, 1]), { training: false })).toThrow(
      'The network has positions for 4 patches, got images of 6: resize them.',
    );
    expect(() => model.init(key(0), [9, 8, 1])).toThrow('whole patches of 4 pixels a side, got 9×8');
    expect(() => visionTransformer({ variant: { ...size, heads: 5 }, classes: 2 })).toThrow(
      'heads must divide the 12 features, got 5.',
    );
  });

  test('leaves out branches of later blocks more often than those of earlier ones, and none of the first', () => {
    // With one block its rate is that of the first, which is 0.
    const one = visionTransformer({ variant: { ...size, depth: 1 }, patch: 4, classes: 2, dropPath: 0.9 });
    const start = one.init(key(0), [8, 8, 1]);
    const images = tf.randomNormal<tf.Rank.R4>([4, 8, 8, 1], 0, 1, 'float32', 1);
    const [evaluation] = one.apply(start.params, start.state, images, { training: false });
    const [training] = one.apply(start.params, start.state, images, { training: true, key: key(1) });
    expect(training.dataSync()).toEqual(evaluation.dataSync());
    const three = visionTransformer({ variant: size, patch: 4, classes: 2, dropPath: 0.9 });
    const { params, state } = three.init(key(0), [8, 8, 1]);
    const run = (seed: number) => three.apply(params, state, images, { training: true, key: key(seed) })[0].dataSync();
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
    expect(() => three.apply(params, state, images, { training: true })).toThrow('drop path 0.9 needs a random key');
  });
});

test('a small CNN refuses images that it cannot halve so often, and a state that is not its own', () => {
  const model = smallCnn({ classes: 2, widths: [2, 3, 4] });
  expect(() => model.init(key(0), [7, 9, 1])).toThrow(
    'Images of 8 pixels a side at least are halved 3 times, got 7×9.',
  );
  const { params } = model.init(key(0), [8, 8, 1]);
  expect(() => model.apply(params, { layers: [] }, tf.ones([1, 8, 8, 1]), { training: false })).toThrow(
    'The state has nothing at ".layers[0]"',
  );
});
