import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { judge } from '../conformance/judge.mjs';
import { root } from '../examples/extract.mjs';
import { inChromium, withoutBrowser } from '../vitest/chromium.ts';

/** Runs the specs as the command does, and holds what it prints against how many of them are known to fail. */
async function expectOnlyKnownFailures(failures: number, ...args: readonly string[]): Promise<void> {
  const runner = join(root, 'tools/conformance/run.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [runner, ...args], {
    maxBuffer: 1 << 26,
  }).catch((error: { stdout: string }) => error);
  const report = stdout.split('\n').filter((line) => /^(FAILED|PASSED, though|A new browser|\d+ passed)/.test(line));
  expect(report).toEqual([expect.stringMatching(/^\d{4} passed, 0 failed$/)]);
  expect(stdout).toContain(`\n${failures} failed as expected, 0 passed unexpectedly`);
  expect(Number.parseInt(report[0] ?? '', 10) + failures).toBeGreaterThan(4200);
}

/** What remains to fail: the specs by cause are in tools/conformance/expected. */
const expectedFailures = { cpu: 0, native: 0, wasm: 193 };

test.for(Object.entries(expectedFailures))(
  'tfjs-core’s own specs come to what is expected of them on %s',
  { timeout: 600_000 },
  ([backend, failures]) => expectOnlyKnownFailures(failures, '--backend', backend),
);

test.skipIf(withoutBrowser)(
  inChromium('tfjs-core’s own specs come to what is expected of them on WebGPU in a page'),
  { timeout: 600_000 },
  () => expectOnlyKnownFailures(114, '--backend', 'webgpu', '--browser'),
);

describe('what specs come to', () => {
  const results = [
    { name: 'a', status: 'passed' },
    { name: 'b', status: 'failed', message: 'wrong' },
    { name: 'b', status: 'passed' },
    { name: 'c', status: 'pending' },
  ];

  test('is a failure where a spec fails that is not listed', () => {
    expect(judge(results, {})).toMatchObject({ unlisted: [{ name: 'b', message: 'wrong' }], passing: [], causes: {} });
    expect(judge(results, { cause: ['b'] })).toEqual({ unlisted: [], passing: [], causes: { cause: 1 } });
  });

  test('is a failure where a listed one passes, or is not there', () => {
    const listed = { cause: ['b', 'a'], other: ['c', 'gone'] };
    expect(judge(results, listed)).toEqual({ unlisted: [], passing: ['a', 'c', 'gone'], causes: { cause: 1 } });
    expect(judge(results, listed, '^a')).toMatchObject({ passing: ['a'] });
    expect(judge(results, { 'sometimes: late': ['b', 'a'] })).toMatchObject({ unlisted: [], passing: [] });
  });
});
