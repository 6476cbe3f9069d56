import { key, normal } from '@steppe/random';
import { dispose, leaves, size } from '@steppe/tree';
import '@tensorflow/tfjs';
import type * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { efficientNet, efficientNetNames, efficientNetScales } from '../../src/index.ts';
import { type EfficientNetScale, scaled } from '../../src/networks/efficient-net-scale.ts';

/** Counts the parameters on 3 channels and 1000 classes, layer by layer, without building them. */
function parameters(scale: EfficientNetScale): number {
  const { stem, stages, head } = scaled(scale);
  const blocks = stages.flat().map(({ inChannels: i, expand, outChannels: o, size: s }) => {
    const [inside, squeezed] = [i * expand, Math.floor(i / 4)];
    const widen = expand === 1 ? 0 : i * inside + 2 * inside;
    const excite = 2 * inside * squeezed + squeezed + inside;
    return widen + s * s * inside + 2 * inside + excite + inside * o + 2 * o;
  });
  const last = stages.at(-1)?.at(-1)?.outChannels ?? 0;
  return 27 * stem + 2 * stem + blocks.reduce((a, b) => a + b, 0) + last * head + 2 * head + 1001 * head - head + 1000;
}

describe('efficientNet', () => {
  test.each([
    // The published counts (5.3 M, 7.8 M, ... 66 M, 480 M) to the last one, as timm and torchvision have them.
    ['b0', 5_288_548],
    ['b1', 7_794_184],
    ['b2', 9_109_994],
    ['b3', 12_233_232],
    ['b4', 19_341_616],
    ['b5', 30_389_784],
    ['b6', 43_040_704],
    ['b7', 66_347_960],
    ['l2', 480_309_308],
  ] as const)('%s has %i parameters', (variant, count) => {
    expect(parameters(efficientNetScales[variant])).toBe(count);
  });

  test('b0 is built with as many, and with a name for each tensor in either library', () => {
    const start = efficientNet({ variant: 'b0', classes: 1000 }).init(key(0), [224, 224, 3]);
    expect(size(start.params)).toBe(5_288_548);
    for (const like of ['timm', 'torchvision'] as const)
      expect(efficientNetNames({ variant: 'b0', classes: 1000, like })).toHaveLength(leaves(start).length);
    dispose(start);
  });

  test('drops branches and features by the key in training, and nothing in evaluation', () => {
    // At this depth three stages have two blocks, of which the second has a branch that can be left out.
    const variant = { width: 0.1, depth: 0.4 };
    const images = normal<tf.Rank.R4>(key(1), [4, 32, 32, 3]);
    for (const rates of [
      { dropout: 0, dropConnect: 0.9 },
      { dropout: 0.5, dropConnect: 0 },
    ]) {
      const model = efficientNet({ variant, classes: 3, ...rates });
      const { params, state } = model.init(key(0), [32, 32, 3]);
      const run = (seed: number) =>
        model.apply(params, state, images, { training: true, key: key(seed) })[0].dataSync();
      expect(run(1)).toEqual(run(1));
      expect(run(1)).not.toEqual(run(2));
      expect(() => model.apply(params, state, images, { training: true })).toThrow('needs a random key, got none');
      expect(model.apply(params, state, images, { training: false })[0].shape).toEqual([4, 3]);
    }
  });

  test('refuses by name what it has not', () => {
    const wrong: object = { variant: 'b9', classes: 10 };
    expect(() => efficientNet(wrong as { variant: 'b0'; classes: number })).toThrow(
      'variant must be "b0" or "b1" or "b2"',
    );
    expect(() => efficientNet({ variant: 'b0', classes: 0 })).toThrow(
      'classes must be a positive whole number, got 0.',
    );
    expect(() => efficientNet({ variant: { width: 0, depth: 1 }, classes: 2 })).toThrow(
      'width must be a finite number above 0, got 0.',
    );
    const like: object = { like: 'keras' };
    expect(() => efficientNet({ variant: 'b0', classes: 2, ...like })).toThrow(
      'like must be "tensorflow" or "timm" or',
    );
  });
});
