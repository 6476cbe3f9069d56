import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cacheFolder, makeCacheFolder } from '../src/index.ts';
import { emptyFolder, program } from './support/children.ts';

describe('The cache folder', () => {
  test('is that of the XDG rule: an absolute XDG_CACHE_HOME, else .cache in the home', () => {
    expect(cacheFolder('native', { XDG_CACHE_HOME: '/cache', HOME: '/home/me' })).toBe('/cache/steppe/native');
    expect(cacheFolder('native', { XDG_CACHE_HOME: 'cache', HOME: '/home/me' })).toBe('/home/me/.cache/steppe/native');
    expect(cacheFolder('', { XDG_CACHE_HOME: '', HOME: '/home/me' })).toBe('/home/me/.cache/steppe');
  });

  test('is made for this user alone', async () => {
    const folder = await makeCacheFolder('native', { XDG_CACHE_HOME: emptyFolder() });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  test('that cannot be made is an error that says what to set', async () => {
    await expect(makeCacheFolder('native', { HOME: '/dev/null' })).rejects.toThrow(
      '/dev/null/.cache/steppe/native cannot be made (ENOTDIR: not a directory): ' +
        'set XDG_CACHE_HOME to a folder that you can write to.',
    );
  });

  test.runIf(process.getuid?.() === 0)('of a user without a home is an error in one line', async () => {
    const script = await program(`
      process.setgid(54321); process.setuid(54321);
      const why = (work) => work.catch(({ message }) => message);
      delete process.env.XDG_CACHE_HOME;
      delete process.env.HOME;
      console.log(await why((async () => files.cacheFolder('native'))()));
      process.env.HOME = '/nonexistent';
      console.log(await why(files.makeCacheFolder('native')));`);
    const text = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    const remedy = 'set XDG_CACHE_HOME to a folder that you can write to.';
    expect(text.trim().split('\n')).toEqual([
      `The cache folder has no place, since this user has no home: ${remedy}`,
      `${join('/nonexistent', '.cache/steppe/native')} cannot be made (EACCES: permission denied): ${remedy}`,
    ]);
  });
});
