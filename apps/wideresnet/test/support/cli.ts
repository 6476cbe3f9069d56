import { execFile, spawn } from 'node:child_process';
import { mkdir, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const app = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

/** The built command. */
export const cli = join(app, 'dist', 'cli.js');

/** A lock older than this belongs to a run that was killed. */
const stale = 90_000;

/** Builds the command; test files that want it at the same time wait for each other. */
export async function buildCli(): Promise<void> {
  const lock = join(app, 'node_modules', '.build-lock');
  const taken = () =>
    mkdir(lock).then(
      () => false,
      () => true,
    );
  while (await taken()) {
    const held = await stat(lock).catch(() => undefined);
    if (held && Date.now() - held.mtimeMs > stale) await rm(lock, { recursive: true, force: true });
    await sleep(100);
  }
  try {
    await promisify(execFile)(process.execPath, [tsc, '-b', app]);
  } catch (error) {
    throw new Error(`tsc -b ${app} failed:\n${(error as { readonly stdout: string }).stdout}`);
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

/** Runs the built command to its end, as users do, with some variables added to the environment. */
export function runCli(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return new Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>(
    (resolve, reject) => {
      const child = spawn(process.execPath, [cli, ...args], { env: { ...process.env, ...env } });
      let [out, err] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        out += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        err += text;
      });
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, out, err }));
    },
  );
}
