import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportSafetensors, resNet, resNetNames } from '@steppe/models';
import { key } from '@steppe/random';
import { deserialize, dispose, leaves, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import '@tensorflow/tfjs-backend-cpu';
import { steppe } from '../support/capture.ts';

let [root, file, run] = ['', '', ''];
const small = ['--network', 'resnet18', '--width', '2'];
const tiny = ['train', '--preset', 'fashion-mini', '--backend', 'wasm', '--limit', '8', '--batch', '8', '--steps', '2'];

/** What a file of another library holds, by our paths. */
const published = new Map<string, readonly number[]>();

const numbersIn = (tree: Tree): ReadonlyMap<string, readonly number[]> =>
  new Map(leaves(tree).map(({ path, leaf }) => [path, [...leaf.dataSync()]]));

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'steppe-pretrained-'));
  [file, run] = [join(root, 'resnet18.safetensors'), join(root, 'run')];
  await tf.setBackend('cpu');
  const weights = resNet({ depth: 18, width: 2, classes: 6 }).init(key(7), [28, 28, 1]);
  for (const [path, numbers] of numbersIn(weights)) published.set(path, numbers);
  await writeFile(file, await exportSafetensors(resNetNames({ depth: 18 }), weights));
  dispose(weights);
});
afterAll(() => rm(root, { recursive: true }));

async function savedBy(folder: string): Promise<ReadonlyMap<string, readonly number[]>> {
  const { tree } = await deserialize(await readFile(join(folder, 'weights.safetensors')));
  const numbers = numbersIn(tree);
  dispose(tree);
  return numbers;
}

describe('weights of a file of another library', () => {
  test('are what a run starts from: frozen ones stay, the head for other classes is fresh and learns', async () => {
    const before = tf.memory().numTensors;
    const words = [...small, '--pretrained', file, '--freeze', 'all-but-head', '--freeze-statistics', '--out', run];
    const { code, err, out } = await steppe(...tiny, ...words);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('names of torchvision and timm');
    expect(out).toContain('is for other classes: it is a fresh one for 10');
    expect(out).toContain("freeze(parts('all-but-head'), chain(");
    expect(tf.memory().numTensors).toBe(before);
    const saved = await savedBy(run);
    for (const [path, numbers] of published)
      if (!path.startsWith('.params.dense')) expect({ path, numbers: saved.get(path) }).toEqual({ path, numbers });
    expect(saved.get('.params.dense.bias')).toHaveLength(10);
    expect(Math.max(...(saved.get('.params.dense.bias') ?? []).map(Math.abs))).toBeGreaterThan(0);
    const { network } = JSON.parse(await readFile(join(run, 'config.json'), 'utf8'));
    expect(network.pretrained).toMatchObject({ head: 'replaced', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  test('are those of a run, too, of whichever classes', async () => {
    const again = join(root, 'again');
    const words = [...small, '--pretrained', run, '--freeze', 'stem,stages[0]', '--average', 'ema', '--out', again];
    const { code, err, out } = await steppe(...tiny, ...words);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).not.toContain('fresh one');
    const [first, second] = [await savedBy(run), await savedBy(again)];
    for (const path of ['.params.stem.conv.kernel', '.params.stages[0][0].conv1.kernel'])
      expect(second.get(path)).toEqual(first.get(path));
    expect(second.get('.params.stages[1][0].conv1.kernel')).not.toEqual(first.get('.params.stages[1][0].conv1.kernel'));
  });

  test.each<readonly [string, readonly string[], RegExp]>([
    [
      'another network',
      ['--network', 'resnet34', '--width', '2'],
      /does not fit ResNet-34-2: .*it lacks "layer1\.2\.conv1/,
    ],
    [
      'a network whose weights no library names',
      ['--network', 'shake-shake'],
      /no library is known that names weights of shake-shake/,
    ],
    [
      'a part that there is not',
      [...small, '--freeze', 'tail'],
      /--freeze must name parts of the network, .*stages\[3\].*got "tail"/,
    ],
    [
      'an average that would move what is frozen',
      [...small, '--freeze', 'stem', '--chain', '[{ scheduleFree: { optimizer: { sgd: 1 }, learningRate: 0.1 } }]'],
      /--freeze must be left out with a chain that ends with scheduleFree/,
    ],
    [
      'the stem of another size of images',
      [...small, '--stem', 'imagenet'],
      /"conv1\.weight" .* The file is of a network of --stem small: say so\.$/m,
    ],
    ['another width', ['--network', 'resnet18', '--width', '4'], /The file is of a network of --width 2: say so\.$/m],
  ])('%s is refused in one line', async (_, words, message) => {
    const { code, err } = await steppe(...tiny, ...words, '--pretrained', file);
    expect(err).toMatch(/^steppe: [^\n]+\n$/);
    expect(err).toMatch(message);
    expect([64, 65]).toContain(code);
  });

  test('a file that is not there, or none, is refused', async () => {
    expect((await steppe(...tiny, ...small, '--pretrained', join(root, 'none'))).err).toMatch(
      /none is not there: give a/,
    );
    const broken = join(root, 'broken');
    await writeFile(broken, 'no weights');
    expect((await steppe(...tiny, ...small, '--pretrained', broken)).err).toMatch(/broken does not fit ResNet-18-2: /);
  });
});
