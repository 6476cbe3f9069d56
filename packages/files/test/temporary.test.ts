import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { removeLeftovers, withTemporaryFolder } from '../src/index.ts';
import { temporaryIn } from '../src/temporary.ts';
import { emptyFolder, kill, program, said, start } from './support/children.ts';

const keep = await program(`
  await files.withTemporaryFolder(args[0], async (scratch) => { console.log(scratch); await sleep(60_000); });`);

describe('A temporary folder', () => {
  test('is for this user alone and goes with the work, also when that fails', async () => {
    const folder = emptyFolder();
    const mode = await withTemporaryFolder(folder, async (scratch) => statSync(scratch).mode & 0o777);
    expect(mode).toBe(0o700);
    await expect(withTemporaryFolder(folder, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('of a process that was killed is removed with all it holds; that of a running one stays', async () => {
    const folder = emptyFolder();
    const [dead, alive] = [start(keep, folder), start(keep, folder)];
    const [left, used] = await Promise.all([said(dead), said(alive)]);
    mkdirSync(join(left, 'sub'));
    writeFileSync(join(left, 'sub', 'file'), '');
    expect(await removeLeftovers(folder)).toEqual([]);
    await kill(dead);
    expect(await removeLeftovers(folder)).toEqual([left]);
    expect(existsSync(used)).toBe(true);
  });

  test('of another container is removed after a day', async () => {
    const folder = emptyFolder();
    const ours = basename(temporaryIn(folder));
    const theirs = join(folder, ours.replace(/^(\.steppe-\w{8}-\w{8})-\d*-\d+-/, '$1-1-1-'));
    writeFileSync(theirs, '');
    expect(await removeLeftovers(folder)).toEqual([]);
    const before = Date.now() / 1000 - 25 * 3600;
    utimesSync(theirs, before, before);
    expect(await removeLeftovers(folder)).toEqual([theirs]);
  });

  test('is told from the files of others, which stay whatever they are called', async () => {
    const folder = emptyFolder();
    for (const name of ['.steppe-x.tmp', 'a.tmp', '.steppe-0-0-0-1-1-0.tmp']) writeFileSync(join(folder, name), '');
    await removeLeftovers(folder);
    expect(readdirSync(folder)).toHaveLength(3);
    expect(dirname(temporaryIn(folder))).toBe(folder);
  });
});
