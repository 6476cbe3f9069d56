import { readFileSync } from 'node:fs';
import { key } from '@steppe/random';
import { leaves } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import {
  exportSafetensors,
  loadSafetensors,
  mlpMixer,
  mlpMixerNames,
  type VisionTransformerOptions,
  visionTransformer,
  visionTransformerNames,
} from '../../src/index.ts';

type Fixture = { readonly positions: number[]; readonly resampled: { readonly [grid: string]: number[] } };
/** By tools/vectors/positions.py, from timm. */
const fixture: Fixture = JSON.parse(readFileSync(new URL('../fixtures/positions.json', import.meta.url), 'utf8'));

const options: VisionTransformerOptions = { variant: { features: 2, depth: 1, heads: 1 }, patch: 2, classes: 2 };
const model = visionTransformer(options);
const names = visionTransformerNames(options, 'timm');
const { params } = model.init(key(0), [8, 8, 1]);
const file = await exportSafetensors(names, {
  params: { ...params, positions: tf.tensor3d(fixture.positions, [1, 17, 2]) },
  state: null,
});
const into = (rows: number, columns: number) => model.init(key(1), [2 * rows, 2 * columns, 1]);

test.each(Object.entries(fixture.resampled))('positions on a grid of %s are those of timm', async (name, expected) => {
  const grid = name.split('x').map(Number) as [number, number];
  const fresh = into(...grid);
  const before = tf.memory().numTensors;
  const loaded = await loadSafetensors(file, names, fresh, { grid });
  expect(tf.memory().numTensors - before).toBe(leaves(loaded).length);
  const given = [...loaded.params.positions.dataSync()];
  expect(given).toEqual(expected.map((x) => expect.closeTo(x, 5)));
  const images = tf.ones<tf.Rank.R4>([1, 2 * grid[0], 2 * grid[1], 1]);
  expect(model.apply(loaded.params, null, images, { training: false })[0].shape).toEqual([1, 2]);
});

test('they are interpolated only when asked to, and for a grid that the network has', async () => {
  await expect(loadSafetensors(file, names, into(3, 2))).rejects.toThrow(
    /"pos_embed" \[1,17,2\] instead of \[1,7,2\]\. For images of another size than the file's pass \{ grid: \[rows, columns\] \}/,
  );
  await expect(loadSafetensors(file, names, into(3, 2), { grid: [4, 4] })).rejects.toThrow(
    'grid must be [rows, columns] of 6 patches, got "[4,4]".',
  );
  await expect(loadSafetensors(file, names, into(3, 2), { grid: [6] as never })).rejects.toThrow(
    'grid must be [rows, columns], got [6].',
  );
});

test('an MLP-Mixer is refused by name', async () => {
  const size = { features: 2, depth: 1, tokenFeatures: 2, channelFeatures: 2 };
  const mixer = { variant: size, patch: 2, classes: 2 };
  const weights = mlpMixer(mixer).init(key(0), [4, 4, 1]);
  const saved = await exportSafetensors(mlpMixerNames(mixer), weights);
  const larger = mlpMixer(mixer).init(key(0), [8, 8, 1]);
  await expect(loadSafetensors(saved, mlpMixerNames(mixer), larger, { grid: [4, 4] })).rejects.toThrow(
    /^grid is for embeddings of positions, and this network has none: an MLP-Mixer takes images of the size/,
  );
});
