import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { steppe } from '../support/capture.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'steppe-data-'));
});
afterAll(() => rm(root, { recursive: true }));

test('A dataset is looked at: counts, classes, mean and deviation, duplicates, a picture', async () => {
  const sheet = join(root, 'sheet.png');
  const { code, out, err } = await steppe('data', 'fashion-mnist-mini', '--limit', '200', '--json', '--sheet', sheet);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const { name, classes, shape, splits, duplicates } = JSON.parse(out);
  expect({ name, shape, classes: classes.length }).toEqual({
    name: 'fashion-mnist-mini',
    shape: [28, 28, 1],
    classes: 10,
  });
  expect(splits.train.counts.reduce((sum: number, n: number) => sum + n)).toBe(200);
  // Those of all 60,000 images are 0.2860 and 0.3530.
  expect(splits.train.mean[0]).toBeCloseTo(0.286, 1);
  expect(splits.train.std[0]).toBeCloseTo(0.353, 1);
  expect(duplicates).toEqual({ train: { pairs: 0, ofOtherLabels: 0 }, trainAndTest: { pairs: 0, ofOtherLabels: 0 } });
  expect((await readFile(sheet)).subarray(1, 4).toString()).toBe('PNG');
  expect((await steppe('data', 'fashion-mnist-mini', '--sheet', sheet)).err).toMatch(
    /--sheet must be a file that is new/,
  );
});

test('Pictures that are almost the same are counted where that is asked for', async () => {
  const { out } = await steppe('data', 'fashion-mnist-mini', '--limit', '60', '--json', '--near', '0');
  const { duplicates, near } = JSON.parse(out);
  // Equal pixels have equal hashes; so have some trousers.
  expect(near.digits).toBe(0);
  expect(near.train.pairs).toBeGreaterThanOrEqual(duplicates.train.pairs);
  expect((await steppe('data', 'fashion-mnist-mini', '--limit', '60', '--near', '16')).out).toMatch(
    /Almost the same \(16 digits of 64 differ at most\), those above among them: in train [1-9]\d* pairs/,
  );
  for (const odd of ['17', '-1', 'x', '']) {
    const { code, err } = await steppe('data', 'fashion-mnist-mini', `--near=${odd}`);
    expect({ code, err }).toEqual({
      code: 64,
      err: expect.stringMatching(/^steppe: --near must be a whole number from 0 to 16, got [^\n]*\.\n$/),
    });
  }
});

test('What is looked at is shown to people, and what is none is refused in one line', async () => {
  const { out } = await steppe('data', 'fashion-mnist-mini', '--limit', '50');
  expect(out).toContain('Ankle boot');
  expect(out).toContain('Twice in train: none');
  const { code, err } = await steppe('data', join(root, 'nowhere'));
  expect(code).toBe(64);
  expect(err).toMatch(
    /^steppe: No images at [^\n]+nowhere: give a folder of images, such as --images \.\/my-photos\.\n$/,
  );
});
