import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeFolder } from '../src/index.ts';
import { emptyFolder, program } from './support/children.ts';

/** What a child that makes folders says: one that never returns must not take the tests with it. */
async function made(...folders: readonly string[]): Promise<readonly string[]> {
  const script = await program(`
    for (const folder of args)
      try { files.makeFolder(folder); console.log('made'); }
      catch ({ message, code }) { console.log(code, message); }`);
  const argv = ['--input-type=module', '-e', script, ...folders];
  return execFileSync(process.execPath, argv, { encoding: 'utf8', timeout: 60_000 }).trim().split('\n');
}

describe('Making a folder', () => {
  test('makes those above it too, with the mode, and leaves one that is there', () => {
    const folder = join(emptyFolder(), 'a/b/c');
    makeFolder(folder, { mode: 0o750 });
    makeFolder(folder);
    expect([folder, join(folder, '..')].map((path) => statSync(path).mode & 0o777)).toEqual([0o750, 0o750]);
  });

  test('goes through a link to a folder', () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, 'disk'));
    symlinkSync('disk', join(folder, 'link'));
    makeFolder(join(folder, 'link/runs'));
    expect(statSync(join(folder, 'disk/runs')).isDirectory()).toBe(true);
  });

  test('refuses a link to nothing in the way, such as one to a disk that is not mounted, in one line', async () => {
    const folder = emptyFolder();
    const link = join(folder, 'link');
    symlinkSync('/nonexistent/disk', link);
    const why = `ENOTDIR: ${link} is a link to what is no folder`;
    const folders = [join(link, 'runs/first'), link];
    expect(await made(...folders)).toEqual(folders.map((path) => `ENOTDIR ${path} cannot be made (${why}).`));
  });

  test('refuses a file in the way and a place in which the system makes no folders', async () => {
    const file = join(emptyFolder(), 'file');
    writeFileSync(file, '');
    expect(await made(file, '/proc/steppe/runs')).toEqual([
      `ENOTDIR ${file} cannot be made (ENOTDIR: ${file} is a file).`,
      'ENOENT /proc/steppe/runs cannot be made (ENOENT: no such file or directory).',
    ]);
  });
});
