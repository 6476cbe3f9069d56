import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { onTestFinished } from 'vitest';

const entry = fileURLToPath(new URL('../../src/index.ts', import.meta.url));

/** A program for processes of their own: `files` is this package, `args` what `start` is given. */
export async function program(body: string): Promise<string> {
  const contents = `
    import * as files from ${JSON.stringify(entry)};
    import { setTimeout as sleep } from 'node:timers/promises';
    const args = process.argv.slice(1);
    ${body}`;
  const stdin = { contents, resolveDir: process.cwd() };
  const built = await build({ stdin, bundle: true, write: false, platform: 'node', format: 'esm', logLevel: 'silent' });
  return built.outputFiles[0]!.text;
}

/** Starts a program; it is killed at the end of the test. */
export function start(script: string, ...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** The next thing that a process prints. */
export const said = async (child: ChildProcess): Promise<string> =>
  String((await once(child.stdout ?? child, 'data'))[0]).trim();

/** Everything that a process prints until it ends by itself. */
export async function output(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  await once(child, 'close');
  return text.trim();
}

export async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** A new folder that goes at the end of the test. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'steppe-files-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
