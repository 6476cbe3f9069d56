import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRunLog } from '@steppe/train/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCli, cli } from './support/cli.ts';
import { events, tiny } from './support/events.ts';

type Result = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
};

let root = '';
const running = new Set<ChildProcess>();

/** Runs the built command, as users do, in the folder of this test; `onLine` sees each line of its output as it
 * comes. */
function steppe(
  args: readonly string[],
  onLine: (line: string, child: ChildProcess) => void = () => {},
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const known = out.split('\n').length - 1;
      out += text;
      for (const line of out.split('\n').slice(known, -1)) onLine(line, child);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal, out, err });
    });
  });
}

const json = async (...path: readonly string[]) => JSON.parse(await readFile(join(root, ...path), 'utf8'));

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'steppe-cli-'));
  await buildCli();
});
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await rm(root, { recursive: true });
});

describe('a run', () => {
  let first: Result;
  beforeAll(async () => {
    first = await steppe([...tiny, '--m', '5', '--p', 'inf', '--rho', '0.01', '--out', 'first']);
  });

  test('tells which device and data it uses, how it goes, and what came of it', () => {
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toMatch(/^Device {3}wasm: .*\(asked for\)$/m);
    expect(first.out).toMatch(/^Data {5}fashion-mnist-mini: 24 images to train on, 24 held out$/m);
    expect(first.out).toMatch(/shipped subset fashion-mnist-mini/);
    expect(first.out).toMatch(/^Method .*samTransform\(0\.01, Infinity\), microBatch\(5\)/m);
    expect(first.out).toMatch(/^SAM step 1\/6 \| epoch 1\/2 \| loss \d.* \| accuracy .* \| .* images\/s \| .* left$/m);
    expect(first.out).toMatch(/^SAM epoch 2\/2: test error [\d.]+ %/m);
    expect(first.out).toMatch(
      /^SAM: test error [\d.]+ % \(accuracy .*\) on 24 held-out images, 12 gradient evaluations, .* s$/m,
    );
    expect(first.out).toMatch(/^The files are in first$/m);
  });

  test('tells programs every evaluation and, in its last line, what summary.json says', async () => {
    const lines = first.out.trim().split('\n');
    const evaluations = lines.filter((line) =>
      /^epoch=\d step=\d test_error=[\d.]+ test_loss=[\d.]+ test_top5_error=/.test(line),
    );
    expect(evaluations.map((line) => line.split(' ').slice(0, 2))).toEqual([
      ['epoch=1', 'step=3'],
      ['epoch=2', 'step=6'],
    ]);
    const { testError, testLoss, steps, gradientEvaluations } = await json('first', 'summary.json');
    const last = Object.fromEntries((lines.at(-1) ?? '').split(' ').map((pair) => pair.split('=')));
    expect(last).toMatchObject({ status: 'complete', steps: `${steps}` });
    expect(last.gradient_evaluations).toBe(`${gradientEvaluations}`);
    expect([last.test_error, last.test_loss].map(Number)).toEqual([testError, testLoss]);
  });

  test('leaves its options, its steps, its weights and a summary', async () => {
    expect((await readdir(join(root, 'first'))).sort()).toEqual([
      'checkpoints',
      'config.json',
      'metrics.jsonl',
      'report.html',
      'report.svg',
      'summary.json',
      'weights.safetensors',
    ]);
    expect(await json('first', 'config.json')).toMatchObject({
      schema: 'steppe.config/1',
      options: { p: 'Infinity', rho: 0.01, m: 5, epochs: 2, seed: 0 },
      device: { name: 'wasm' },
      dataset: { name: 'fashion-mnist-mini', trainingImages: 24, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      network: { parameters: 77_562 },
      versions: { node: process.versions.node },
    });
    const log = await readRunLog(join(root, 'first'));
    const steps = log.filter(({ type }) => type === 'step');
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(steps[0]).toMatchObject({ epoch: 1, learningRate: expect.closeTo(0.1), rho: expect.closeTo(0.01) });
    expect(log.filter(({ type }) => type === 'evaluation').map(({ step }) => step)).toEqual([3, 6]);
    const times = log.map(({ timestamp = Number.NaN }) => timestamp);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(Math.abs(Date.now() / 1000 - (times.at(-1) ?? 0))).toBeLessThan(3600);
  });

  test('is repeated by its config.json, number by number', async () => {
    const { code } = await steppe(['train', '--config', join('first', 'config.json'), '--out', 'again', '--json']);
    expect(code).toBe(0);
    const summary = async (run: string) => ({ ...(await json(run, 'summary.json')), seconds: 0 });
    expect(await summary('again')).toEqual(await summary('first'));
  });

  test('is evaluated again from its weights alone, with the same result', async () => {
    const { testError, testLoss } = await json('first', 'summary.json');
    const args = ['evaluate', join('first', 'weights.safetensors'), '--backend', 'wasm', '--json'];
    const { code, out } = await steppe(args);
    expect(code).toBe(0);
    expect(events(out)).toMatchObject([{ event: 'evaluation', testError, testLoss, sameData: true }]);
  });
});

describe('a run that a signal ends', () => {
  const endless = [
    'train',
    '--preset',
    'fashion-mini',
    '--backend',
    'wasm',
    '--limit',
    '24',
    '--batch',
    '8',
    '--epochs',
    '1000',
    '--json',
  ];

  /** Acts once, at the n-th line that tells of an event. */
  function at(n: number, event: string, act: (child: ChildProcess) => void) {
    let seen = 0;
    return (line: string, child: ChildProcess) => {
      if (line.includes(`"event":"${event}"`)) seen += 1;
      if (line.includes(`"event":"${event}"`) && seen === n) act(child);
    };
  }

  test('Ctrl-C: saves what there is and says where', async () => {
    const onStep = at(5, 'step', (child) => child.kill('SIGINT'));
    const { code, out, err } = await steppe([...endless, '--out', 'stopped'], onStep);
    expect(code).toBe(130);
    expect(err).toBe(
      'Ctrl-C: finishing the step under way, then saving. Once more ends at once.\nStopped; what there is was saved in stopped. To go on: --resume stopped.\n',
    );
    const { summary } = events(out).at(-1);
    expect(summary).toMatchObject({ status: 'interrupted', testError: expect.any(Number) });
    expect(summary.steps).toBeGreaterThanOrEqual(5);
    expect(await json('stopped', 'summary.json')).toEqual(summary);
    const log = await readRunLog(join(root, 'stopped'));
    expect(log.filter(({ type }) => type === 'step')).toHaveLength(summary.steps);
    expect(existsSync(join(root, 'stopped', 'weights.safetensors'))).toBe(true);
  });

  test('SIGTERM: the same, with the exit code of a run that was not ended by its user', async () => {
    const onStep = at(1, 'step', (child) => child.kill('SIGTERM'));
    expect(await steppe([...endless, '--out', 'ended'], onStep)).toMatchObject({ code: 75 });
    expect(await json('ended', 'summary.json')).toMatchObject({ status: 'interrupted', testError: null });
  });

  test('a second Ctrl-C: ends at once', async () => {
    const onBegin = at(1, 'begin', (child) => {
      child.kill('SIGINT');
      child.stderr?.once('data', () => child.kill('SIGINT'));
    });
    const slow = [...endless, '--limit', '800', '--batch', '800', '--out', 'killed'];
    expect(await steppe(slow, onBegin)).toMatchObject({ code: null, signal: 'SIGINT' });
    expect(existsSync(join(root, 'killed', 'summary.json'))).toBe(false);
  });
});
