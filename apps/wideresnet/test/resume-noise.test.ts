import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { steppe } from './support/capture.ts';
import { pictures } from './support/pictures.ts';
import { leftBy } from './support/runs.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'steppe-resume-noise-'));
  await pictures(join(root, 'pictures'));
});
afterAll(() => rm(root, { recursive: true }));

const folder = () => ['--images', join(root, 'pictures'), '--image-size', '16', '--workers', '1'];

test.each<readonly [string, () => readonly string[]]>([
  [
    'random noise in the network and mixed images',
    () => ['--limit', '16', '--network', 'shake-shake', '--depth', '8', '--width', '4', '--mixup', '0.4'],
  ],
  [
    'images that are decoded, cropped at random and augmented',
    () => [...folder(), '--network', 'small-cnn', '--widths', '4,8', '--augment', 'randaugment'],
  ],
])('A run with %s goes on in the middle of an epoch, bit for bit', async (name, words) => {
  const out = join(root, name.slice(0, 6));
  // A checkpoint after every step.
  const often = ['--batch', '4', '--steps', '4', '--backend', 'wasm', '--checkpoint-every', '1e-9'];
  const first = await steppe('train', '--preset', 'fashion-mini', ...often, ...words(), '--out', out);
  expect(first.code).toBe(0);
  const whole = await leftBy(out);
  // As if it had been killed in its last steps: of checkpoints that come too fast some are left out.
  const kept = (await readdir(join(out, 'checkpoints'))).sort();
  await rm(join(out, 'checkpoints', kept.at(-1) ?? ''));
  for (const file of ['summary.json', 'weights.safetensors']) await rm(join(out, file));
  const again = await steppe('train', '--resume', out);
  expect(again.code).toBe(0);
  expect(again.out).toMatch(/goes on after step [1-3] of 4/);
  expect(await leftBy(out)).toEqual(whole);
});
