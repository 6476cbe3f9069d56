import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { presets } from '../../src/options/presets/presets.ts';
import { chooseRunFolder, claimRunFolder, writeJson } from '../../src/run/run-folder.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'steppe-runs-'));
});
afterAll(() => rm(root, { recursive: true }));

const choose = (name: string) => chooseRunFolder({ ...presets['fashion-mini'], out: join(root, name) });

describe('the folder of a run', () => {
  test('is named after the date, the network, the method and the data when nobody says', async () => {
    const folder = await chooseRunFolder(presets['fashion-mini'], new Date(2026, 1, 3, 4, 5, 6));
    expect(folder).toMatch(/runs[/\\]2026-02-03-040506-wrn-10-\d+-sam-fashion-mnist-mini$/);
  });

  test('may be new or empty', async () => {
    await mkdir(join(root, 'empty'));
    await expect(choose('empty')).resolves.toBe(join(root, 'empty'));
    await expect(choose('new/below')).resolves.toBe(join(root, 'new/below'));
  });

  test('may not hold anything yet', async () => {
    await mkdir(join(root, 'full'));
    await writeFile(join(root, 'full', 'summary.json'), '{}');
    await expect(choose('full')).rejects.toMatchObject({
      code: 64,
      message: expect.stringMatching(
        /^--out must be a folder that is new or empty, got .*full: it holds summary\.json\.$/,
      ),
    });
  });

  test('is no file', async () => {
    await writeFile(join(root, 'file'), '');
    await expect(choose('file')).rejects.toMatchObject({
      code: 64,
      message: expect.stringMatching(/there is a file in the way/),
    });
  });
});

describe('the JSON files of a run', () => {
  test('are never written over', async () => {
    const file = join(root, 'deep', 'config.json');
    await writeJson(file, { first: true });
    await expect(writeJson(file, { first: false })).rejects.toMatchObject({ code: 'EEXIST' });
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ first: true });
  });

  test('say Infinity where JSON has no number, which the options take for p', async () => {
    const file = join(root, 'infinite', 'config.json');
    await writeJson(file, { p: Number.POSITIVE_INFINITY });
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ p: 'Infinity' });
  });

  test('take the folder for one run of two', async () => {
    const folder = join(root, 'wanted');
    const both = await Promise.allSettled([1, 2].map((run) => claimRunFolder(folder, { run })));
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: {
        code: 64,
        message: expect.stringMatching(/^--out must be a folder that is new or empty, got .*begun in it\.$/),
      },
    });
  });
});
