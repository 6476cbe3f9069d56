import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'steppe-failing-disk-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A library that makes every sync of standard output and standard error fail as a dying or full disk does. */
const shim = join(folder, 'failing.so');
const source = `
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>
int fsync(int fd) {
  if (fd != 1 && fd != 2) return (int)syscall(SYS_fsync, fd);
  errno = REASON;
  return -1;
}`;

function compiles(): boolean {
  if (process.platform !== 'linux') return false;
  writeFileSync(join(folder, 'failing.c'), source);
  try {
    for (const reason of ['EIO', 'ENOSPC'])
      execFileSync('cc', [
        '-shared',
        '-fPIC',
        `-DREASON=${reason}`,
        join(folder, 'failing.c'),
        '-o',
        `${shim}.${reason}`,
      ]);
    return true;
  } catch {
    return false;
  }
}

const koffi = createRequire(new URL('../../../../packages/native/package.json', import.meta.url)).resolve('koffi');
const scripts = { with: join(folder, 'with.mjs'), without: join(folder, 'without.mjs') };

beforeAll(async () => {
  const here = fileURLToPath(new URL('../../src/report/failing-disk.ts', import.meta.url));
  for (const [name, outfile] of Object.entries(scripts)) {
    const contents = `
      import { endOnFailingDisk } from ${JSON.stringify(here)};
      import { createRequire } from 'node:module';
      if (${name === 'with'}) endOnFailingDisk();
      createRequire(import.meta.url)(${JSON.stringify(koffi)});
      console.log('all that it had to say');
      process.exitCode = 7;`;
    const stdin = { contents, resolveDir: process.cwd() };
    await build({ stdin, outfile, bundle: true, platform: 'node', format: 'esm', conditions: ['@steppe/source'] });
  }
});

/** Runs a script whose outputs are files on the failing disk; one that hangs is killed after `seconds`. */
function run(script: string, reason: string, seconds: number): Promise<{ code: number | null; out: string }> {
  const output = join(folder, 'output');
  const descriptor = openSync(output, 'w');
  const env = { ...process.env, LD_PRELOAD: `${shim}.${reason}` };
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', descriptor, descriptor] });
  const limit = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
  return new Promise((resolve) =>
    child.once('close', (code) => {
      clearTimeout(limit);
      resolve({ code, out: readFileSync(output, 'utf8') });
    }),
  );
}

describe.runIf(compiles())('A process that has used the native engine', () => {
  test.each(['EIO', 'ENOSPC'])(
    'ends, with its own exit code, when its outputs cannot be synced (%s)',
    async (reason) => {
      expect(await run(scripts.with, reason, 50)).toEqual({ code: 7, out: 'all that it had to say\n' });
    },
  );

  // Fails when koffi is mended: `endOnFailingDisk` can then go.
  test('would hang without this', async () => {
    expect((await run(scripts.without, 'EIO', 5)).code).toBe(null);
  });
});
