import { execFileSync, spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const closing = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/;

/** The whole version of a binary: `22.12.0`. */
export const versionOf = (binary) => execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim().slice(1);

/** The environment in which `node` is the binary, also for what the tests start themselves. */
function environment(binary) {
  const { FORCE_COLOR: _, ...env } = process.env;
  const path = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  return { ...env, [path]: `${dirname(binary)}${delimiter}${env[path] ?? ''}`, NO_COLOR: '1' };
}

/**
 * Runs the tests on a binary of Node, over the same sources and the same node_modules.
 *
 * @param filters - Arguments of vitest; none for all tests.
 * @param onFile - Sees the number of test files that have ended.
 * @returns How many tests passed and failed, the names of those that failed, and where everything that was printed is
 * kept.
 */
export async function runTests(binary, filters, onFile = () => {}) {
  const log = join(mkdtempSync(join(tmpdir(), 'steppe-node-')), `${versionOf(binary)}.log`);
  const begin = performance.now();
  const child = spawn(binary, [vitest, 'run', ...filters], { cwd: root, env: environment(binary) });
  const file = createWriteStream(log);
  child.stdout.pipe(file, { end: false });
  child.stderr.pipe(file, { end: false });
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
  const failures = new Set();
  let files = 0;
  let count;
  for await (const line of createInterface({ input: child.stdout })) {
    count = closing.exec(line) ?? count;
    if (/^ [✓❯↓] \S+\.test\.ts /.test(line)) onFile(++files);
    const [, failure] = /^ FAIL {2}(.*)$/.exec(line) ?? [];
    if (failure) failures.add(failure);
  }
  const code = await ended;
  await new Promise((resolve) => file.end(resolve));
  const [passed = 0, failed = 0, skipped = 0] = count?.slice(1).map((n) => Number(n ?? 0)) ?? [];
  // A run that broke off, or that found no test, has failed whatever it counted.
  const broken = code === 0 || failed > 0 ? [] : [`vitest ended with ${code}: ${log}`];
  return {
    passed,
    failed: failed + broken.length,
    skipped,
    seconds: Math.round((performance.now() - begin) / 1000),
    failures: [...failures, ...broken],
    log,
  };
}
