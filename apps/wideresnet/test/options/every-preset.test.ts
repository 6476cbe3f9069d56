import { normalizations, type Split } from '@steppe/datasets';
import { key } from '@steppe/random';
import { textOf } from '@steppe/transforms';
import { dispose, size } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import '@tensorflow/tfjs-backend-cpu';
import { areFiles } from '../../src/options/file-datasets.ts';
import { entryOf } from '../../src/options/networks/own.ts';
import { type PresetName, presetNames, presetOf } from '../../src/options/presets/presets.ts';
import { resolveOptions } from '../../src/options/resolve.ts';
import { drawWeights, makeNetwork, titleOf } from '../../src/run/network.ts';
import { makeOptimizer } from '../../src/run/optimizer.ts';
import { makePlans } from '../../src/run/plan.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const classes = Array.from({ length: 7 }, (_, i) => `class ${i}`);

/** As many images as CIFAR-10 has, of a pixel each: a plan counts them, and looks at none. */
const dataOf = (side: number) => {
  const train: Split = {
    images: new Uint8Array(50_000 * 3),
    labels: new Uint8Array(50_000),
    shape: [1, 1, 3],
    normalization: normalizations.cifar10,
  };
  const shape = [side, side, 3] as const;
  return { dataset: { name: 'cifar10', source: 'this test', classes, shape, train, test: train }, sha256: '' };
};

const resolved = (values: object) => resolveOptions({ values: { ...values }, nameOf: (name) => `--${name}` }).options;

/** What the text of a chain says of a plan. */
const isOf = (text: string, number: number, what: string): boolean => number > 0 === text.includes(what);

test('every preset is planned as its options say, and its network is made', () => {
  for (const preset of presetNames) {
    const options = resolved({ preset });
    const { dataset } = dataOf(8);
    const plans = makePlans(options, { dataset, sha256: '' });
    const [{ steps, name }] = plans;
    const chain = textOf(makeOptimizer(options, steps));
    const { batch, epochs, rho, m, clip } = options;
    expect({ preset, steps }).toEqual({ preset, steps: options.steps ?? (epochs ?? 0) * Math.floor(50_000 / batch) });
    expect({ preset, name }).toEqual({ preset, name: rho === 0 ? 'SGD' : 'SAM' });
    expect({ preset, chain }).toEqual({ preset, chain: expect.stringMatching(/^chain\(.*scaleBySchedule\(.*\)\)$/) });
    expect({
      preset,
      sam: isOf(chain, rho, `samTransform(${rho}, 2)`),
      slices: isOf(chain, m ?? 0, `microBatch(${m})`),
      clip: isOf(chain, clip, `clipByGlobalNorm(${clip})`),
      decay: isOf(chain, options['weight-decay'], `addDecayedWeights(${options['weight-decay']})`),
      rivals: plans.length > 1,
    }).toEqual({ preset, sam: true, slices: true, clip: true, decay: true, rivals: options.compare !== 'none' });
    // As it is, which costs nothing before its weights are drawn.
    expect({ preset, title: titleOf(options), made: typeof makeNetwork(options, dataset).apply }).toEqual({
      preset,
      title: expect.stringMatching(/^(WRN|ResNet|Shake|Pyramid|EfficientNet)/),
      made: 'function',
    });
  }
});

/** Those that share a network share its smallest one, too. */
const kinds = [...new Map(presetNames.map((name) => [JSON.stringify(kindOf(name)), name])).values()];

function kindOf(preset: PresetName): object {
  const { network, 'image-size': side, 'freeze-statistics': frozen, dataset } = presetOf(preset).options;
  return { network: network.replace(/b7|l2/, 'b0'), frozen, isEnlarged: side !== undefined && !areFiles({ dataset }) };
}

test.each(kinds)('the network of %s, made small, takes images of 8 pixels', (preset) => {
  const { network, 'image-size': side } = presetOf(preset).options;
  // EfficientNets have no smaller option than another of their kind.
  const small = network.replace(/efficientnet-\w+/, 'efficientnet-b0');
  const options = resolved({
    preset,
    network: small,
    ...entryOf(network).smaller.tiny,
    ...(side !== undefined && { 'image-size': 12 }),
  });
  const { dataset } = dataOf(8);
  const made = makeNetwork(options, dataset);
  const weights = drawWeights(made, options, dataset, key(0));
  const images = tf.ones<tf.Rank.R4>([2, 8, 8, 3]);
  const [logits, state] = made.apply(weights.params, weights.state, images, { training: true, key: key(1) });
  expect(size(weights.params)).toBeGreaterThan(1000);
  expect(logits.shape).toEqual([2, classes.length]);
  dispose(weights, images, logits, state);
});
