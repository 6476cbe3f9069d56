import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NetworkName } from '../../src/options/networks/own.ts';
import { entryOf } from '../../src/options/networks/own.ts';
import type { PresetName } from '../../src/options/presets/presets.ts';
import { steppe } from '../support/capture.ts';
import { pictures } from '../support/pictures.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'steppe-presets-'));
  await pictures(join(root, 'pictures'));
});
afterAll(() => rm(root, { recursive: true }));

/** Two steps of four images, and the smallest network of its kind. */
const short = ['--batch', '4', '--steps', '2', '--backend', 'wasm'];
const shipped = ['--dataset', 'fashion-mnist-mini', '--limit', '8'];
const tinyOf = (network: NetworkName): readonly string[] =>
  Object.entries(entryOf(network).smaller.tiny ?? {}).flatMap(([name, value]) => [`--${name}`, String(value)]);

async function runs(preset: PresetName, words: readonly string[], name: string = preset) {
  const out = join(root, name);
  const { code, err } = await steppe('train', '--preset', preset, ...short, ...words, '--out', out, '--json');
  expect({ preset, code, err: err.replace(/^(note|reading all files): .*\n/gm, '') }).toEqual({
    preset,
    code: 0,
    err: '',
  });
  const summary = JSON.parse(await readFile(join(out, 'summary.json'), 'utf8'));
  expect(summary).toMatchObject({ status: 'complete', steps: 2 });
  expect(Number.isFinite(summary.trainingLoss)).toBe(true);
  return { summary, config: JSON.parse(await readFile(join(out, 'config.json'), 'utf8')) };
}

describe('a short run of the shape of a preset: two steps, small images, the smallest network', () => {
  test.each<readonly [PresetName, NetworkName]>([
    ['cifar10-wrn-1800-aa', 'wideresnet'],
    ['cifar100-shake-shake-cutout', 'shake-shake'],
    ['cifar10-shakedrop-basic', 'pyramidnet'],
    ['cifar10-noise-40-sam', 'cifar-resnet'],
    ['cifar10-noise-20-mixup', 'cifar-resnet'],
  ])('%s', async (preset, network) => {
    // Without SAM the slices of 32 images stay, of which batch norm takes its statistics.
    const sizes = preset.endsWith('mixup') ? ['--batch', '32', '--limit', '32'] : ['--m', '2'];
    const { config, summary } = await runs(preset, [...shipped, ...tinyOf(network), ...sizes]);
    expect(config.options.network).toBe(network);
    expect(summary.gradientEvaluations).toBe(preset.endsWith('mixup') ? 2 : 4);
  });

  test('imagenet-resnet50-100, on a folder of pictures', async () => {
    const files = ['--images', join(root, 'pictures'), '--image-size', '16', '--workers', '0'];
    const { config } = await runs('imagenet-resnet50-100', [...files, ...tinyOf('resnet50')]);
    expect(config.dataset).toMatchObject({ name: 'pictures', shape: [16, 16, 3], classes: ['blue', 'red'] });
    const { code, out } = await steppe('evaluate', join(root, 'imagenet-resnet50-100'), '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out.trim().split('\n').at(-1) ?? '')).toMatchObject({ sameData: true, testExamples: 2 });
  });

  test('evaluate measures all of another folder, and refuses images that the run may have learned, and other classes', async () => {
    const run = join(root, 'imagenet-resnet50-100');
    const measure = async (...words: readonly string[]) => {
      const { code, out, err } = await steppe('evaluate', run, '--workers', '0', ...words);
      return { code, last: out.trim().split('\n').at(-1), err };
    };
    const other = join(root, 'others');
    await pictures(other);
    await rm(join(other, 'red', '7.png'));
    expect((await measure('--images', other)).last).toMatch(/ on 15 images, all of others$/);
    await rename(join(other, 'red'), join(other, 'green'));
    const renamed = await measure('--images', other);
    expect(renamed).toMatchObject({
      code: 65,
      err: 'steppe: The run knows the classes blue, red, and others has blue, green: give images of the same classes.\n',
    });
    await rename(join(root, 'pictures', 'red', '7.png'), join(root, 'seven.png'));
    const changed = await measure();
    await rename(join(root, 'seven.png'), join(root, 'pictures', 'red', '7.png'));
    expect(changed).toMatchObject({
      code: 65,
      err: expect.stringMatching(/^steppe: The images of pictures are not those of the run, [^\n]+--images\.\n$/m),
    });
  });

  test('an archive of PyTorch is refused with what to do', async () => {
    const archive = join(root, 'model.pth');
    await writeFile(archive, 'PK\u0003\u0004');
    const files = ['--images', join(root, 'pictures'), '--image-size', '16', '--workers', '0'];
    const pretrained = await steppe('train', '--preset', 'photos', ...short, ...files, '--pretrained', archive);
    expect(pretrained.code).toBe(65);
    expect(pretrained.err).toMatch(/model\.pth is an archive, as torch\.save writes it[^\n]+save_file[^\n]+\n$/);
  });

  test.each(['photos', 'finetune-b7'])('%s without images is refused', async (preset) => {
    const { code, err } = await steppe('train', '--preset', preset);
    expect({ code, err }).toEqual({
      code: 64,
      err: `steppe: The preset ${preset} is for images of yours: name their folder (steppe train ./my-photos), or a dataset.\n`,
    });
  });

  test('finetune-b7, with the smallest EfficientNet', async () => {
    const files = ['--images', join(root, 'pictures'), '--image-size', '16', '--workers', '0'];
    await runs('finetune-b7', [...files, '--network', 'efficientnet-b0', '--freeze', 'all-but-head', '--rho', '0.1']);
  });
});

describe('a network beside those of presets', () => {
  test.each<readonly [NetworkName, readonly string[]]>([
    ['mlp', ['--cutmix', '1', '--augment', 'erasing']],
    ['small-cnn', ['--augment', 'jitter']],
    ['wideresnet', ['--dropout', '0.3', '--augment', 'randaugment', '--average', 'ema']],
  ])('%s trains, with a state that is empty or noise in training', async (network, words) => {
    await runs('fashion-mini', [...shipped.slice(2), '--network', network, ...tinyOf(network), ...words], network);
  });

  test('that does not fit the images is refused in one line', async () => {
    const words = [...shipped.slice(2), '--network', 'vit-tiny', '--patch', '16'];
    const { code, err } = await steppe('train', '--preset', 'fashion-mini', ...short, ...words);
    expect(code).toBe(64);
    expect(err).toMatch(/^steppe: ViT-Ti-16 does not fit images of 28 × 28 × 1: [^\n]+\n$/);
  });
});
