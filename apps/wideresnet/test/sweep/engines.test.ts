import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { optunaFolder } from '../../../../tools/vitest/optuna.ts';
import { buildCli, cli } from '../support/cli.ts';

/** Each call of Optuna's command line takes more than a second, and trials begin anew, beside all other tests. */
const patience = 240_000;
const root = mkdtempSync(join(tmpdir(), 'steppe-engines-'));
const running = new Set<ChildProcess>();
const optuna = await optunaFolder();
const hasParallel = spawnSync('parallel', ['--version'], { encoding: 'utf8' }).stdout?.startsWith('GNU parallel');

beforeAll(async () => {
  await buildCli();
  const options = '{ preset: fashion-mini, validation: 0.25, limit: 24, batch: 6, steps: 30, backend: native }';
  writeFileSync(join(root, 'tiny.yaml'), `options: ${options}\nsearch: { rho: [0.05, 0.1] }\njobs: 2\n`);
});
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

/** Begins a sweep, as users do; `done` gives how it ended. */
function begin(engine: string) {
  const PATH = `${optuna ?? ''}:${process.env.PATH}`;
  const args = [cli, 'sweep', 'tiny.yaml', '--engine', engine, '--out', engine];
  const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, PATH } });
  running.add(child);
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
  const done = new Promise<{ readonly code: number | null; readonly out: string }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      running.delete(child);
      resolve({ code, out });
    });
  });
  return { child, done };
}

/** What a file says; nothing where there is none, also when it goes while it is looked for. */
const textOf = (...path: readonly string[]): string => {
  try {
    return readFileSync(join(root, ...path), 'utf8');
  } catch {
    return '';
  }
};

/** Waits for a trial that trains, whether it began or goes on; gives its name and its process. */
async function trialUnderWay(engine: string, { child, done }: ReturnType<typeof begin>) {
  for (;;) {
    if (!running.has(child)) throw new Error(`The sweep ended before a trial was seen: ${(await done).out}`);
    const folder = join(root, engine);
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^trial-\d+$/.test(name)) : [];
    for (const name of names) {
      // Only a trainer at work has a lock; one that was ended has a summary, too.
      const lock = textOf(engine, name, 'run.lock');
      if (lock !== '' && textOf(engine, name, 'metrics.jsonl').includes('\n'))
        return { name, pid: Number(JSON.parse(lock).pid) };
    }
    await sleep(10);
  }
}

const summaryOf = (engine: string, name: string) => JSON.parse(textOf(engine, name, 'summary.json'));

/** The steps in the log of a trial. */
const stepsOf = (engine: string, name: string): readonly number[] =>
  textOf(engine, name, 'metrics.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .flatMap(({ type, step }) => (type === 'step' ? [step] : []));

/** Both trials are complete, each step is logged once, and the command said which one is the best. */
function expectComplete(engine: string, out: string): void {
  const summaries = ['trial-0000', 'trial-0001'].map((name) => summaryOf(engine, name));
  expect(summaries.map(({ status }) => status)).toEqual(['complete', 'complete']);
  for (const name of ['trial-0000', 'trial-0001'])
    expect(stepsOf(engine, name)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  const best = Math.min(...summaries.map(({ validationError }) => validationError));
  expect(out).toContain('The best of 2 complete trials is trial-000');
  expect(out).toContain(`validation error ${(100 * best).toFixed(2)} %`);
}

describe.skipIf(optuna === undefined)('Optuna', () => {
  test(
    'tries a grid; a sweep that was ended goes on by the same command, as does a trial that was killed',
    async () => {
      const first = begin('optuna');
      await trialUnderWay('optuna', first);
      first.child.kill('SIGTERM');
      const ended = await first.done;
      expect(ended.out).toContain('Stopped: the same command goes on with what is left.');
      expect(ended.code).toBe(75);

      const second = begin('optuna');
      const { pid } = await trialUnderWay('optuna', second);
      process.kill(pid, 'SIGKILL');
      const { code, out } = await second.done;
      expect(out).toMatch(/trial \d ended by SIGKILL: it goes on\./);
      expect(code).toBe(0);
      expectComplete('optuna', out);
      // Optuna knows what came of each.
      const args = ['trials', '--storage', `sqlite:///${join(root, 'optuna', 'optuna.db')}`, '--study-name', 'tiny'];
      const known = spawnSync(join(optuna ?? '', 'optuna'), [...args, '--format', 'json', '--quiet'], {
        encoding: 'utf8',
      });
      const trials = (
        JSON.parse(known.stdout) as { number: number; state: string; value: number; params: object }[]
      ).map(({ number, state, value, params }) => ({ number, state, value, params }));
      expect(trials).toEqual(
        ['trial-0000', 'trial-0001'].map((name, number) => ({
          number,
          state: 'COMPLETE',
          value: summaryOf('optuna', name).validationError,
          params: { rho: JSON.parse(textOf('optuna', name, 'config.json')).options.rho },
        })),
      );
      expect(trials.map(({ params }) => params)).toEqual(expect.arrayContaining([{ rho: 0.05 }, { rho: 0.1 }]));
    },
    patience,
  );
});

describe.skipIf(!hasParallel)('GNU parallel', () => {
  test(
    'runs the commands, and a trial that was killed again, which goes on',
    async () => {
      const sweep = begin('parallel');
      const { name, pid } = await trialUnderWay('parallel', sweep);
      process.kill(pid, 'SIGKILL');
      const { code, out } = await sweep.done;
      expect({ code, out }).toMatchObject({ code: 0 });
      expectComplete('parallel', out);
      expect(textOf('parallel', `${name}.log`)).toMatch(/^status=complete steps=30 /m);
      expect(textOf('parallel', 'joblog.tsv').split('\n')[0]).toContain('Exitval');
    },
    patience,
  );
});
