import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type Ended, type Installed, installed, start } from '../support/package.ts';

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

let native: Installed;
beforeAll(async () => {
  native = await installed();
}, 300_000);
afterAll(() => native?.remove());
beforeEach(() => rmSync(native.cache, { recursive: true, force: true }));

/** A start with the compiler that only copies. */
const withStandIn = (more: { readonly killAfter?: number } = {}): Promise<Ended> =>
  start(native, { env: { PATH: `${native.standIn}:/usr/bin:/bin` }, ...more });

const kernels = (): string => {
  const name = readdirSync(native.cache).find((file) => /^(avx|base|neon).*\.so$/.test(file));
  return join(native.cache, name ?? 'none');
};

const compiling = [
  expect.stringMatching(/^steppe: compiling the C kernels for this processor \(\w+\), once: about \d+ s \.\.\.$/),
  expect.stringMatching(/^steppe: compiled the C kernels in [\d.]+ s$/),
];

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'steppe-start-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('The first start', () => {
  test('says that it compiles and how long that took, the second nothing', async () => {
    expect(await withStandIn()).toEqual({ out: 'compiled', err: compiling, code: 0 });
    expect(await withStandIn()).toEqual({ out: 'cached', err: [], code: 0 });
  });

  test('of two processes at once compiles once: the other waits, and says so', async () => {
    const ended = await Promise.all([withStandIn(), withStandIn()]);
    expect(ended.map(({ out }) => out).sort()).toEqual(['cached', 'compiled']);
    const lines = ended.flatMap(({ err }) => err);
    expect(lines.filter((line) => line.startsWith('steppe: compiled'))).toHaveLength(1);
    expect(lines.some((line) => /^steppe: waiting for process \d+, which makes the C kernels for/.test(line))).toBe(
      true,
    );
  });

  test('that is killed at any moment holds up no later one and leaves nothing behind', async () => {
    const empty = (): void => {
      for (const name of readdirSync(native.cache)) if (!name.startsWith('.')) rmSync(join(native.cache, name));
    };
    // As long as a start takes here and now, whatever else the machine does.
    const begin = performance.now();
    await withStandIn();
    const whole = performance.now() - begin;
    empty();
    const delays = Array.from({ length: 12 }, (_, i) => (whole * (i + 3)) / 14);
    for (const killAfter of delays) await withStandIn({ killAfter });
    // Who finds kernels has nothing to tidy up: one that was killed right after it had made them leaves its lock to the
    // next one that makes some.
    empty();
    const { out, err, code } = await withStandIn();
    expect({ out, code }).toEqual({ out: 'compiled', code: 0 });
    expect(err.filter((line) => !/compil/.test(line))).toEqual([]);
    expect(readdirSync(native.cache).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('A start on a cached file', () => {
  test.each([
    ['is cut short', (path: string) => truncateSync(path, 20_000)],
    ['is empty', (path: string) => truncateSync(path, 0)],
    ['can be written by everybody', (path: string) => chmodSync(path, 0o666)],
  ])('that %s says so and makes it again, and the next one says nothing', async (_, harm) => {
    await withStandIn();
    harm(kernels());
    const { out, err, code } = await withStandIn();
    expect({ out, code }).toEqual({ out: 'compiled', code: 0 });
    expect(err).toEqual([
      expect.stringMatching(/^steppe: .*\.so is .*; it is made again where that can be\.$/),
      ...compiling,
    ]);
    expect(await withStandIn()).toEqual({ out: 'cached', err: [], code: 0 });
  });

  test('that cannot be made again, without a compiler, names the file and what to install', async () => {
    native.addCompiled();
    truncateSync(kernels(), 20_000);
    const { out, err } = await start(native, { env: { PATH: emptyFolder() } });
    expect(err).toEqual([expect.stringMatching(/\.so is damaged: its SHA-256 is/)]);
    expect(out).toMatch(
      /^Error: The native kernels need @steppe\/native-\S+ or a C compiler, found neither: npm install/,
    );
  });
});

describe('A package that cannot be written to', () => {
  const homes = [
    ['without HOME', {}],
    ['whose HOME is not there', { HOME: '/nonexistent' }],
  ] as const;

  test.runIf(isRoot).each(homes)('runs the kernels that are in it for a user %s', async (_, env) => {
    native.addCompiled();
    const compiler = { PATH: process.env.PATH ?? '' };
    expect(await start(native, { env: { ...env, ...compiler }, user: nobody })).toEqual({
      out: 'cached',
      err: [],
      code: 0,
    });
    // As in an image that holds no compiler.
    expect((await start(native, { env: { ...env, PATH: emptyFolder() }, user: nobody })).out).toBe('cached');
  });

  test.runIf(isRoot).each(homes)(
    'and holds no kernels says for a user %s which folders were tried and what to set',
    async (_, env) => {
      const { out, code } = await start(native, { env: { ...env, PATH: process.env.PATH ?? '' }, user: nobody });
      expect(code).toBe(1);
      expect(out.split('\n')).toEqual([
        expect.stringMatching(
          /^Error: There is no folder .* \(\S+\.cache cannot be made \(EACCES: permission denied\); .* set XDG_CACHE_HOME to/,
        ),
      ]);
    },
  );

  test.runIf(isRoot)('lets a user with a home compile there', async () => {
    const home = emptyFolder();
    execFileSync('chown', [`${nobody}:${nobody}`, home]);
    const env = { HOME: home, PATH: `${native.standIn}:/usr/bin:/bin` };
    chmodSync(native.standIn, 0o755);
    expect((await start(native, { env, user: nobody })).out).toBe('compiled');
    expect(readdirSync(join(home, '.cache/steppe/native')).length).toBeGreaterThan(0);
  });

  test.runIf(isRoot)('never runs what another user put where everybody can write', async () => {
    native.addCompiled();
    chmodSync(native.cache, 0o777);
    const { out, err } = await start(native, { env: { PATH: emptyFolder() }, user: nobody });
    expect(err).toEqual([`steppe: ${native.cache} is not used: everybody can write to it (mode 777).`]);
    expect(out).toMatch(/found neither/);
  });
});

describe('A start that cannot compile says in one line why', () => {
  test('because the compiler does not run', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'cc'), '#!/bin/sh\necho cc: internal error >&2\nexit 1\n', { mode: 0o755 });
    expect((await start(native, { env: { PATH: `${folder}:/bin:/usr/bin` } })).out).toMatch(
      /^Error: The native kernels need \S+ or a C compiler, and cc does not run \(cc: internal error\): npm install/,
    );
  });

  test('because the compiler refuses the sources', async () => {
    const folder = emptyFolder();
    const script = '#!/bin/sh\n[ "$1" = --version ] && exit\nprintf "In file\\nx.c:1: error: no\\n" >&2\nexit 1\n';
    writeFileSync(join(folder, 'cc'), script, { mode: 0o755 });
    expect((await start(native, { env: { PATH: `${folder}:/bin:/usr/bin` } })).out).toBe(
      'Error: The C compiler failed: cc on runtime/probe.c: x.c:1: error: no.',
    );
  });

  test('because the disk is full', async ({ skip }) => {
    const disk = emptyFolder();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300k,mode=755', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      return skip('this user cannot mount a small file system');
    }
    onTestFinished(() => void execFileSync('umount', [disk]));
    mkdirSync(join(disk, 'room'));
    writeFileSync(native.cache, 'no folder');
    const env = { XDG_CACHE_HOME: disk, PATH: `${native.standIn}:/usr/bin:/bin` };
    const { out, code } = await start(native, { env });
    expect(code).toBe(1);
    expect(out).toMatch(/^\w+: .*No space left on device.*$/i);
    expect(readdirSync(join(disk, 'steppe/native')).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test.each([
    ['STEPPE_THREADS', '0', 'must be a whole number of at least 1, got 0.'],
    ['STEPPE_THREADS', 'many', 'must be a whole number of at least 1, got many.'],
    ['STEPPE_THREADS', '100000', 'must be at most 256, got 100000.'],
    ['STEPPE_POOL_MB', '-1', 'must be a whole number of at least 0, got -1.'],
    ['STEPPE_ISA', 'sse\u001b[2J', 'must be one of .* on this processor, got sse\\\\u001b\\[2J.'],
    [
      'CC',
      'no-such-compiler',
      'must be a C compiler that works, got "no-such-compiler": it failed on --version: .*ENOENT.',
    ],
    ['CC', 'true', 'must be a C compiler that works, got "true": it failed on runtime/probe.c: it made no file.'],
  ])('because %s is %s', async (name, value, text) => {
    if (name !== 'CC') native.addCompiled();
    const { out, code } = await start(native, { env: { PATH: process.env.PATH ?? '', [name]: value } });
    expect(out).toMatch(new RegExp(`^SettingError: ${name} ${text}$`));
    expect(code).toBe(1);
  });
});
