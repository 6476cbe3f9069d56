import { key, normal } from '@steppe/random';
import { leaves } from '@steppe/tree';
import '@tensorflow/tfjs';
import type { Rank } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { frozenStatistics, wideResNet } from '../../src/index.ts';

const model = wideResNet({ depth: 10, width: 1, classes: 3, dropout: 0.5 });
const frozen = frozenStatistics(model);
const { params, state } = model.init(key(0), [8, 8, 2]);
const images = normal<Rank.R4>(key(1), [3, 8, 8, 2]);
const valuesOf = (x: Parameters<typeof leaves>[0]) => leaves(x).map(({ leaf }) => [...leaf.dataSync()]);

test('frozen statistics normalize in training as in evaluation, and stay; dropout is drawn all the same', () => {
  const [moved, next] = model.apply(params, state, images, { training: true, key: key(2) });
  const [logits, same] = frozen.apply(params, state, images, { training: true, key: key(2) });
  expect(valuesOf(same)).toEqual(valuesOf(state));
  expect(valuesOf(next)).not.toEqual(valuesOf(state));
  expect(logits.dataSync()).not.toEqual(moved.dataSync());
  const [other] = frozen.apply(params, state, images, { training: true, key: key(3) });
  expect(other.dataSync()).not.toEqual(logits.dataSync());
  expect(() => frozen.apply(params, state, images, { training: true })).toThrow('dropout 0.5 needs a random key');
});

test('without noise, the logits of training are those of evaluation', () => {
  const still = frozenStatistics(wideResNet({ depth: 10, width: 1, classes: 3 }));
  const [training] = still.apply(params, state, images, { training: true });
  const [evaluation] = still.apply(params, state, images, { training: false });
  expect(training.dataSync()).toEqual(evaluation.dataSync());
});

test('a word for the statistics that there is not is refused', () => {
  const wrong: object = { statistics: 'fixed' };
  expect(() => model.apply(params, state, images, { training: false, ...wrong })).toThrow(
    'statistics must be "batch" or "running", got "fixed".',
  );
});
