import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { inTurn } from '../conformance/sweep-children.mjs';
import { summary } from '../conformance/sweep-summary.mjs';
import { root } from '../examples/extract.mjs';
import { packagesBuilt } from '../vitest/packages-built.ts';

type Work = readonly { readonly name: string; readonly from: number; readonly cases: number }[];
type Finding = { readonly op: string; readonly kind: string; readonly number: number };

describe('the sweep', () => {
  test('runs as a command, in a process of its own', { timeout: 600_000 }, async () => {
    // The command runs the packages as they are built, which a clean checkout is not yet.
    await packagesBuilt();
    const runner = join(root, 'tools/conformance/sweep.mjs');
    const args = ['--backend', 'cpu', '--ops', 'add,matMul', '--cases', '6', '--gradients'];
    const { stdout } = await promisify(execFile)(process.execPath, [runner, ...args]);
    expect(stdout.trim()).toBe('6 programs, 0 wrong, 0 refused');
  });

  test('goes on after a program that hangs or crashes, but not for ever with one operation', async () => {
    const runs: string[] = [];
    // Each program of `b` takes its process down, and the second one of `d`.
    const inOne = async (_: object, work: Work) => {
      for (const { name, from, cases } of work)
        for (let number = from; number < from + cases; number++) {
          runs.push(`${name}${number}`);
          const running = { name, number, code: `tf.${name}()` };
          if (name === 'b') return { running, why: { kind: 'hangs', what: 'not done after 20 s' } };
          if (name === 'd' && number === 1) return { running, why: { kind: 'crashes', what: 'SIGSEGV' } };
        }
      return {};
    };
    const findings = (await inTurn(inOne, { ops: ['a', 'b', 'c', 'd'], each: 7, json: true })) as readonly Finding[];
    const of = (name: string): string[] => [...Array(7).keys()].map((k) => `${name}${k}`);
    expect(runs).toEqual([...of('a'), ...of('b').slice(0, 5), ...of('c'), ...of('d')]);
    expect(findings.map(({ op, kind, number }) => `${op} ${kind} ${number}`)).toEqual([
      ...[0, 1, 2, 3, 4].map((k) => `b hangs ${k}`),
      'd crashes 1',
    ]);
    expect(summary(findings, 28, 'wasm').split('\n')).toEqual([
      'wasm: b hangs, 5 programs',
      '  tf.b()',
      '  not done after 20 s',
      'wasm: d crashes, 1 programs',
      '  tf.d()',
      '  SIGSEGV',
      '28 programs, 6 wrong, 0 refused',
    ]);
  });

  test('says when the backend does not start', async () => {
    const inOne = async () => ({ why: { kind: 'crashes', what: 'no compiler', fatal: true } });
    await expect(inTurn(inOne, { ops: ['a'], each: 1, json: true })).rejects.toThrow('did not start: no compiler');
  });
});
