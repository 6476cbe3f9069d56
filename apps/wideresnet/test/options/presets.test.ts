import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type PresetName, presetNames, presetOf, presetOptions } from '../../src/options/presets/presets.ts';
import { resolveOptions } from '../../src/options/resolve.ts';
import { steppe } from '../support/capture.ts';
import { presetsPage } from '../support/presets-page.ts';

const line = (values: Readonly<Record<string, unknown>>) => ({ values, nameOf: (name: string) => `--${name}` });

test('docs/presets.md is made of the table: vitest -u writes it', async () => {
  await expect(presetsPage()).toMatchFileSnapshot(
    fileURLToPath(new URL('../../../../docs/presets.md', import.meta.url)),
  );
});

test('Every preset is taken as it is, without a note', () => {
  for (const preset of presetNames) {
    const { options, notes } = resolveOptions(line({ preset }));
    expect({ preset, options, notes }).toEqual({ preset, options: presetOptions(preset), notes: [] });
  }
});

describe('the paper prints', () => {
  test.each<readonly [PresetName, object]>([
    ['cifar10-wrn-basic', { network: 'wideresnet', depth: 28, width: 10, lr: 0.1, 'weight-decay': 5e-4, rho: 0.05 }],
    ['cifar100-wrn-1800-cutout', { lr: 0.05, 'weight-decay': 1e-3, rho: 0.1, epochs: 1800, augment: 'cutout', m: 32 }],
    ['cifar10-shake-shake-aa', { depth: 26, width: 96, lr: 0.02, 'weight-decay': 1e-3, rho: 0.02 }],
    ['cifar100-pyramidnet-basic', { depth: 272, alpha: 200, lr: 0.05, rho: 0.2, 'shake-drop': 1 }],
    ['cifar100-shakedrop-aa', { lr: 0.05, rho: 0.05, 'shake-drop': 0.5, augment: 'autoaugment' }],
    ['cifar10-shakedrop-basic', { lr: 0.02, rho: 0.05 }],
    ['finetune-b7', { lr: 0.016, 'weight-decay': 1e-5, batch: 1024, steps: 5000, 'freeze-statistics': true }],
    ['finetune-l2', { lr: 0.008, batch: 512, network: 'efficientnet-l2' }],
    ['cifar10-noise-80-sam', { network: 'cifar-resnet', depth: 32, 'label-noise': 0.8, rho: 0.05, epochs: 200 }],
    ['cifar10-noise-20-sam', { 'label-noise': 0.2, rho: 0.1 }],
    ['svhn-wrn-aa', { lr: 0.01, rho: 0.01, augment: 'autoaugment' }],
    ['fashion-shake-shake-basic', { dataset: 'fashion-mnist', lr: 0.1, rho: 0.02 }],
  ])('the setting of %s', (name, options) => {
    expect(presetOptions(name)).toMatchObject(options);
  });

  test('no epochs of Shake-Shake, which is told', () => {
    expect(presetOf('cifar10-shake-shake-basic').unprinted).toContain('the epochs: 1800 here');
  });
});

test('Presets are listed, and one is shown as a config file has it', async () => {
  const { code, out } = await steppe('presets');
  expect(code).toBe(0);
  for (const name of presetNames) expect(out).toContain(`  ${name} `);
  expect((await steppe('presets', 'cifar10-noise-40-sam')).out).toContain('label-noise: 0.4\n');
  expect(JSON.parse((await steppe('presets', 'photos', '--json')).out).options.network).toBe('resnet18');
  expect((await steppe('presets', 'photo')).err).toBe('steppe: "photo" is no preset: did you mean photos?\n');
});
