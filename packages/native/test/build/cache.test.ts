import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { chown } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { findIn, once } from '../../src/build/cache.ts';
import { ownPlace, type Places, usersPlace } from '../../src/build/places.ts';

const isRoot = process.getuid?.() === 0;
const wanted = { key: 'thing-0123', extension: 'so', title: 'the thing' } as const;

const said: string[] = [];
beforeEach(() => void vi.spyOn(console, 'error').mockImplementation((line: string) => void said.push(line)));
afterEach(() => {
  said.length = 0;
  vi.restoreAllMocks();
});

/** A package of its own and a user's cache folder beside it. */
function home(): { readonly all: Places; readonly own: string; readonly users: string; readonly root: string } {
  const root = mkdtempSync(join(tmpdir(), 'steppe-cache-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, 'package'));
  const places = [ownPlace(join(root, 'package')), usersPlace({ XDG_CACHE_HOME: join(root, 'cache') })];
  const [own, users] = [join(root, 'package/.cache'), join(root, 'cache/steppe/native')];
  return { all: { places, without: [] }, own, users, root };
}

const make = async (path: string): Promise<void> => writeFileSync(path, 'whole');
const never = (): Promise<void> => Promise.reject(new Error('it was made again'));

describe('A cached file', () => {
  test('is made once, however many ask for it at the same time, and is named by its content', async () => {
    const { all, own } = home();
    let made = 0;
    const slowly = async (path: string): Promise<void> => {
      made++;
      await new Promise((resolve) => setTimeout(resolve, 20));
      await make(path);
    };
    const results = await Promise.all(Array.from({ length: 5 }, () => once(all, wanted, slowly)));
    expect(made).toBe(1);
    expect(results.filter(({ found }) => !found)).toHaveLength(1);
    const hash = createHash('sha256').update('whole').digest('hex');
    expect(results.map(({ path }) => path)).toEqual(Array(5).fill(join(own, `thing-0123-${hash}.so`)));
    expect(readdirSync(own)).toEqual([`thing-0123-${hash}.so`]);
  });

  test('leaves nothing behind when making fails, and is tried again', async () => {
    const { all, own } = home();
    await expect(once(all, wanted, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(readdirSync(own)).toEqual([]);
    expect((await once(all, wanted, make)).found).toBe(false);
  });

  test.each([
    ['is cut short', (path: string) => truncateSync(path, 2), /is damaged: its SHA-256 is/],
    ['is empty', (path: string) => truncateSync(path, 0), /is damaged: its SHA-256 is/],
    ['has a byte too many', (path: string) => appendFileSync(path, '\0'), /is damaged: its SHA-256 is/],
    ['has one bit flipped', (path: string) => writeFileSync(path, 'wholf'), /is damaged: its SHA-256 is/],
    ['can be written by everybody', (path: string) => chmodSync(path, 0o666), /everybody can write to it \(mode 666\)/],
    [
      'has become a link',
      (path: string) => {
        renameSync(path, join(dirname(path), 'elsewhere'));
        symlinkSync('elsewhere', path);
      },
      /must be a file, got a symbolic link/,
    ],
    [
      'has become a folder',
      (path: string) => {
        rmSync(path);
        mkdirSync(path);
      },
      /must be a file, got a folder/,
    ],
  ])('that %s is told in one line and made again', async (_, harm, line) => {
    const { all } = home();
    const { path } = await once(all, wanted, make);
    harm(path);
    const again = await once(all, wanted, make);
    expect(again).toEqual({ path, found: false });
    expect(said).toEqual([expect.stringMatching(line)]);
    expect(said[0]).toMatch(/^steppe: .*; it is made again where that can be\.$/);
    expect(readFileSync(path, 'utf8')).toBe('whole');
    expect(await once(all, wanted, never)).toEqual({ path, found: true });
  });

  test.runIf(isRoot)('that another user owns, or whose group can write to it, is never used', async () => {
    const { all } = home();
    const { path } = await once(all, wanted, make);
    await chown(path, 65_533, 0);
    expect((await once(all, wanted, make)).found).toBe(false);
    await chown(path, 0, 65_533);
    chmodSync(path, 0o664);
    expect((await once(all, wanted, make)).found).toBe(false);
    expect(said).toEqual([
      `steppe: ${path} is not used: it belongs to the user 65533; it is made again where that can be.`,
      `steppe: ${path} is not used: the group 65533 can write to it (mode 664); it is made again where that can be.`,
    ]);
  });

  test('is not taken for another one whose name it was given', async () => {
    const { all, own } = home();
    const { path } = await once(all, wanted, make);
    linkSync(path, join(own, 'other-0123-'.padEnd(75, '0').concat('.so')));
    expect(await findIn(all, { ...wanted, key: 'other-0123' })).toBeUndefined();
  });
});

describe('The folder of cached files', () => {
  test('is the package, and the cache of the user where the package cannot be used', async () => {
    const { all, own, users } = home();
    mkdirSync(own);
    chmodSync(own, 0o777);
    writeFileSync(join(own, `thing-0123-${'0'.repeat(64)}.so`), 'planted');
    const { path } = await once(all, wanted, make);
    expect(dirname(path)).toBe(users);
    expect(said).toEqual([`steppe: ${own} is not used: everybody can write to it (mode 777).`]);
    expect(existsSync(join(own, `thing-0123-${'0'.repeat(64)}.so`))).toBe(true);
  });

  test('is refused when somebody else could exchange it, with what to do', async () => {
    const { all, own, users, root } = home();
    writeFileSync(own, 'no folder');
    mkdirSync(join(root, 'cache'));
    chmodSync(join(root, 'cache'), 0o777);
    await expect(once(all, wanted, make)).rejects.toThrow(
      new RegExp(
        `^There is no folder to keep the compiled kernels in \\(${own} cannot be made \\(ENOTDIR: ${own} is a file\\); ` +
          `${users} is not used: of ${join(root, 'cache')} above it: everybody can write to it \\(mode 777\\)\\): ` +
          'set XDG_CACHE_HOME to a folder that only you can write to\\.$',
      ),
    );
    // As in /tmp, where nobody can touch what belongs to others.
    chmodSync(join(root, 'cache'), 0o1777);
    expect(basename((await once(all, wanted, make)).path)).toMatch(/^thing/);
  });

  test.runIf(isRoot)('may belong to who owns the package, whose code runs anyway, and to nobody else', async () => {
    const { root, own } = home();
    await chown(join(root, 'package'), 65_533, 65_533);
    mkdirSync(own);
    await chown(own, 65_533, 65_533);
    const all = { places: [ownPlace(join(root, 'package'))], without: [] };
    expect(dirname((await once(all, wanted, make)).path)).toBe(own);
    await chown(own, 65_532, 65_532);
    await expect(once(all, wanted, make)).rejects.toThrow(
      /is not used: it belongs to the user 65532\): set XDG_CACHE_HOME /,
    );
  });
});
