import { execFile } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withLock } from '@steppe/files';
import { describe, expect, test } from 'vitest';
import { kill, program, said, start } from '../../files/test/support/children.ts';
import { readRun } from '../src/runs/read-run.ts';
import { watchRuns } from '../src/runs/watch-runs.ts';
import { append, evaluationLine, makeRun, newFolder, stepLine, stepLines } from './support/runs.ts';

describe('a log that grows', () => {
  test('is read from where the last look ended, and half a line waits for its other half', async () => {
    const folder = newFolder();
    const run = makeRun(join(folder, 'a'), stepLines(1, 3));
    const watched = watchRuns(folder);
    expect((await watched.look()).runs).toMatchObject([{ name: 'a', step: 3, gradients: 6, unread: 0 }]);
    const line = stepLine(4);
    append(run, line.slice(0, 20));
    const half = await watched.look();
    expect(half).toMatchObject({ runs: [{ step: 3 }], problems: [], unread: 0 });
    append(run, `${line.slice(20)}${stepLine(5)}`);
    expect((await watched.look()).runs[0]?.step).toBe(5);
    expect(watched.curves('a')?.train?.step).toEqual([1, 2, 3, 4, 5]);
  });

  test('that is cut is read again, also when it has grown to its old size by the next look', async () => {
    const folder = newFolder();
    const run = makeRun(join(folder, 'a'), stepLines(1, 9));
    const watched = watchRuns(folder);
    await watched.look();
    truncateSync(join(run, 'metrics.jsonl'), stepLines(1, 4).length);
    expect((await watched.look()).runs[0]?.step).toBe(4);
    append(run, stepLines(5, 9));
    await watched.look();
    truncateSync(join(run, 'metrics.jsonl'), stepLines(1, 4).length);
    for (const step of [5, 6, 7, 8, 9]) append(run, stepLine(step, { loss: 8 / step }));
    append(run, stepLine(10));
    await watched.look();
    const table = watched.curves('a')?.train;
    expect(table?.step).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(table?.columns.loss?.mean.slice(3, 6)).toEqual([0.25, 1.6, 1.33333]);
  });

  test('may be removed, come back and be another one', async () => {
    const folder = newFolder();
    const run = makeRun(join(folder, 'a'), stepLines(1, 9));
    const watched = watchRuns(folder);
    await watched.look();
    rmSync(join(run, 'metrics.jsonl'));
    expect((await watched.look()).runs[0]?.step).toBe(0);
    writeFileSync(join(run, 'metrics.jsonl'), stepLines(1, 2));
    expect((await watched.look()).runs[0]?.step).toBe(2);
    renameSync(run, join(folder, 'b'));
    expect((await watched.look()).runs.map(({ name }) => name)).toEqual(['b']);
    expect(watched.curves('a')).toBeUndefined();
  });

  test('is read in portions where a look is limited, the newest first', async () => {
    const folder = newFolder();
    makeRun(join(folder, 'a'), stepLines(1, 8000));
    const watched = watchRuns(folder);
    const { unread } = await watched.look(1);
    expect(unread).toBeGreaterThan(0);
    let look = await watched.look(1);
    while (look.unread > 0) look = await watched.look(1);
    expect(look.runs[0]?.step).toBe(8000);
    expect(watched.curves('a')?.train?.step.length).toBeLessThanOrEqual(1000);
  });

  test('of a run that went back without a cut shows each step once, and time goes on', async () => {
    const folder = newFolder();
    const again = stepLine(3, { loss: 9, seconds: 0.1, gradientEvaluations: 2 });
    makeRun(join(folder, 'a'), `${stepLines(1, 5)}${again}`);
    const { curves } = await readRun(join(folder, 'a'));
    expect(curves.train).toMatchObject({ step: [1, 2, 3], gradients: [2, 4, 6] });
    expect(curves.train?.columns.loss?.mean).toEqual([1, 0.5, 9]);
    expect(curves.train?.seconds.at(-1)).toBeCloseTo(0.3);
  });
});

describe('files that are damaged or foreign', () => {
  test('are named, and the rest is shown', async () => {
    const folder = newFolder();
    makeRun(join(folder, 'good'), stepLines(1, 2));
    const lines = makeRun(join(folder, 'lines'), `${stepLine(1)}no JSON\n{"schema":2}\n${stepLine(2)}`);
    writeFileSync(join(lines, 'config.json'), '{ half');
    const noise = makeRun(join(folder, 'noise'), '');
    writeFileSync(join(noise, 'metrics.jsonl'), Buffer.alloc(3_000_000, 0xe9));
    const pipe = makeRun(join(folder, 'pipe'), '');
    rmSync(join(pipe, 'metrics.jsonl'));
    await promisify(execFile)('mkfifo', [join(pipe, 'metrics.jsonl')]);
    mkdirSync(join(folder, 'other'));
    const { runs, problems } = await watchRuns(folder).look();
    expect(runs.map(({ name, step }) => [name, step])).toEqual([
      ['good', 2],
      ['lines', 2],
      ['noise', 0],
      ['pipe', 0],
    ]);
    expect(problems).toEqual([
      { file: 'lines/config.json', why: expect.stringMatching(/^is no JSON \(/) },
      { file: 'lines/metrics.jsonl', why: expect.stringMatching(/^line 2: .*no JSON.* And 1 more such lines\.$/) },
      { file: 'noise/metrics.jsonl', why: 'line 1 is longer than any record.' },
      { file: 'pipe/metrics.jsonl', why: 'must be a file, got a FIFO.' },
    ]);
  });

  test('that links lead to are never read', async () => {
    const [folder, outside] = [newFolder(), newFolder()];
    makeRun(join(outside, 'secret'), stepLines(1, 2));
    symlinkSync(join(outside, 'secret'), join(folder, 'link'));
    const run = makeRun(join(folder, 'run'), stepLines(1, 1));
    rmSync(join(run, 'metrics.jsonl'));
    symlinkSync(join(outside, 'secret', 'metrics.jsonl'), join(run, 'metrics.jsonl'));
    const { runs, problems } = await watchRuns(folder).look();
    expect(runs).toMatchObject([{ name: 'run', step: 0 }]);
    expect(problems).toContainEqual({ file: 'link', why: 'is a symbolic link, which is not followed.' });
    expect(problems).toContainEqual({ file: 'run/metrics.jsonl', why: expect.stringContaining('must be a file') });
  });

  test('tell of a loss that is no number any more, which no curve can show', async () => {
    const folder = newFolder();
    makeRun(folder, `${stepLine(1)}${stepLine(2, { loss: Number.NaN })}`);
    const { runs, problems } = await watchRuns(folder).look();
    expect(runs).toMatchObject([{ name: '.', step: 2, latest: { loss: 1 } }]);
    expect(problems[0]).toMatchObject({
      file: 'metrics.jsonl',
      why: 'loss is NaN at step 2 (line 2). And 1 more such values.',
    });
  });
});

describe('the state of a run', () => {
  const stateIn = async (folder: string) => (await watchRuns(folder).look()).runs[0];

  test('is running while a trainer holds its folder, or one above it, and tells how long it will take', async () => {
    const folder = newFolder();
    makeRun(folder, stepLines(1, 25));
    makeRun(join(folder, 'sgd'), stepLines(1, 5));
    await withLock(join(folder, 'run.lock'), async () => {
      const { runs } = await watchRuns(folder).look();
      expect(runs).toMatchObject([
        { name: '.', state: 'running', steps: 100, secondsLeft: 8 },
        { name: 'sgd', state: 'running' },
      ]);
    });
  });

  test('is interrupted once the trainer was killed', async () => {
    const folder = makeRun(newFolder(), stepLines(1, 5));
    const trainer = await program("await files.withLock(args[0], () => (console.log('held'), sleep(1e6)));");
    const child = start(trainer, join(folder, 'run.lock'));
    await said(child);
    expect((await stateIn(folder))?.state).toBe('running');
    await kill(child);
    expect((await stateIn(folder))?.state).toBe('interrupted');
  });

  test('is what its summary says, unless it went on since', async () => {
    const folder = makeRun(newFolder(), `${stepLines(1, 5)}${evaluationLine(5, 0.25)}`);
    const summary = (status: string, steps: number): void =>
      writeFileSync(join(folder, 'summary.json'), JSON.stringify({ status, steps }));
    summary('complete', 5);
    expect(await stateIn(folder)).toMatchObject({ state: 'complete', latest: { 'test error': 0.25, 'test loss': 1 } });
    summary('interrupted', 5);
    expect((await stateIn(folder))?.state).toBe('interrupted');
    summary('complete', 4);
    await withLock(join(folder, 'run.lock'), async () => expect((await stateIn(folder))?.state).toBe('running'));
  });
});

test('images per second are those of whole seconds of training', async () => {
  const folder = makeRun(newFolder(), stepLines(1, 50));
  const { run, curves, config } = await readRun(folder);
  expect(run.latest.imagesPerSecond).toBeCloseTo(80);
  expect(curves.train?.columns.imagesPerSecond?.mean.filter((value) => value !== null)).toEqual([80, 80, 80, 80]);
  expect(config).toMatchObject({ steps: 100 });
});

test('options are those of the config, whoever wrote it', async () => {
  const folder = newFolder();
  makeRun(join(folder, 'a'), '', { options: { rho: 0.05, chain: [{ sgd: {} }] }, method: 'SAM', epochs: 2 });
  makeRun(join(folder, 'b'), '', { rho: 0.1, note: 'mine' });
  const { runs } = await watchRuns(folder).look();
  expect(runs).toMatchObject([
    { method: 'SAM', epochs: 2, options: { rho: 0.05, chain: '[{"sgd":{}}]' } },
    { options: { rho: 0.1, note: 'mine' } },
  ]);
});

test('a folder that is not there, or is a file, is refused', async () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'file'), '');
  await expect(watchRuns(join(folder, 'none')).look()).rejects.toThrow('ENOENT');
  await expect(watchRuns(join(folder, 'file')).look()).rejects.toThrow('must be a folder of runs, got a file.');
});
