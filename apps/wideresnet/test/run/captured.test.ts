import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { steppe } from '../support/capture.ts';
import { tiny } from '../support/events.ts';
import { leftBy } from '../support/runs.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'steppe-captured-'));
});
afterAll(() => rm(root, { recursive: true }));

const wasm = tiny.indexOf('--backend');
const onNative = [
  ...(wasm < 0 ? tiny : tiny.toSpliced(wasm, 2)),
  ...['--backend', 'native', '--augment', 'cutout', '--dropout', '0.2', '--schedule', 'cosine'],
];
const captured = 'steps are captured: recorded once, then replayed by one call (--eager: kernel by kernel)';

test('a run on native is captured and says so, --eager turns it off, and all that is left is the same', async () => {
  const [whole, eager] = [join(root, 'whole'), join(root, 'eager')];
  const { out, err } = await steppe(...onNative, '--out', whole);
  expect(err).not.toContain('kernel by kernel');
  expect(out).toContain(captured);
  expect((await steppe(...onNative, '--out', eager, '--eager')).out).not.toContain(captured);
  const factsOf = async (run: string) => JSON.parse(await readFile(join(run, 'config.json'), 'utf8'));
  expect([(await factsOf(whole)).captured, (await factsOf(eager)).captured]).toEqual([true, undefined]);
  expect(await leftBy(eager)).toStrictEqual(await leftBy(whole));
});
