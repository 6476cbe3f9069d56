import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { main } from '../src/commands/main.ts';
import { steppe } from './support/capture.ts';
import { buildCli, cli } from './support/cli.ts';
import { tiny } from './support/events.ts';
import { leftBy } from './support/runs.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'steppe-resume-'));
});
afterAll(() => rm(root, { recursive: true }));

const at = (...path: readonly string[]): string => join(root, ...path);
const json = async (...path: readonly string[]) => JSON.parse(await readFile(at(...path), 'utf8'));
const checkpointsOf = async (run: string) => (await readdir(at(run, 'checkpoints'))).sort();

/** Runs the command in this process and lets it hear a signal at the n-th event of a kind. */
async function stopped(signal: NodeJS.Signals, n: number, event: string, ...args: readonly string[]): Promise<number> {
  let seen = 0;
  const hear = (text: string | Uint8Array) => {
    if (String(text).includes(`"event":"${event}"`)) seen += 1;
    if (seen === n) {
      seen += 1;
      process.emit(signal, signal);
    }
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(hear),
    vi.spyOn(process.stderr, 'write').mockImplementation(() => true),
  ];
  try {
    return await main([...args, '--json']);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** Kills the command at the n-th step that it tells of. */
async function killed(n: number, ...args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [cli, ...args, '--json'], { stdio: ['ignore', 'pipe', 'ignore'] });
  let steps = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes('"event":"step"')) steps += 1;
    if (steps === n) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** All that is random, with a rival: 6 steps of SAM and 12 of SGD, two in an epoch. */
const rich = [
  ...[...tiny, '--augment', 'cutout', '--label-noise', '0.3', '--dropout', '0.2', '--validation', '0.34'],
  ...['--epochs', '3', '--compare', 'sgd'],
] as const;

test('a run and its rivals, killed again and again, end with the weights, the log and the summary of a run without a break', async () => {
  await buildCli();
  await steppe(...rich, '--out', at('whole'));
  await killed(4, ...rich, '--out', at('broken'));
  for (const step of [5, 6]) await killed(step, 'train', '--resume', at('broken'));
  expect(await steppe('train', '--resume', at('broken'))).toMatchObject({ code: 0, err: '' });
  for (const rival of ['', 'sgd'])
    expect(await leftBy(at('broken', rival)), rival).toStrictEqual(await leftBy(at('whole', rival)));
  expect(await readdir(at('broken'))).not.toContain('run.lock');
});

describe('a signal', () => {
  const chains = [
    ['--sam-tail', '0.5'],
    ['--optimizer', 'adamw', '--lr', '0.01', '--m', '4'],
    ['--p', 'inf', '--rho', '0.001'],
  ];
  test.each([
    ['SIGTERM', 75, 1, 'step'],
    ['SIGUSR1', 75, 4, 'step'],
    ['SIGINT', 130, 3, 'step'],
    ['SIGHUP', 129, 1, 'evaluation'],
  ] as const)('%s ends a run with the code %i, and it goes on as if it had not', async (signal, code, n, event) => {
    const chain = chains[n % chains.length] ?? [];
    const [whole, broken] = [at(`whole-${signal}`), at(`broken-${signal}`)];
    await steppe(...tiny, ...chain, '--out', whole);
    expect(await stopped(signal, n, event, ...tiny, ...chain, '--out', broken)).toBe(code);
    expect(await json(`broken-${signal}`, 'summary.json')).toMatchObject({ status: 'interrupted' });
    // The same command again.
    const { code: end, out } = await steppe(...tiny, ...chain, '--out', broken, '--resume', 'auto');
    expect(end).toBe(0);
    expect(out).toMatch(/^.*SAM.* goes on after step \d of 6, from .*step-000000000\d\.safetensors\.$/m);
    expect(await leftBy(broken)).toStrictEqual(await leftBy(whole));
  });
});

describe('a run that is there', () => {
  beforeAll(async () => {
    await steppe(...tiny, '--out', at('first'));
  });
  const copy = async (name: string): Promise<string> => {
    await cp(at('first'), at(name), { recursive: true });
    return at(name);
  };
  const resume = (run: string, ...args: readonly string[]) => steppe('train', '--resume', run, ...args);

  test('says that it is complete, and is left as it is', async () => {
    const before = await leftBy(at('first'));
    const { code, out } = await resume(at('first'));
    expect(code).toBe(0);
    expect(out).toMatch(/^SAM was finished before, after 6 steps\.$/m);
    expect(out).toMatch(/^The run in .*first is complete; more --epochs or --steps make it longer\.$/m);
    expect(await leftBy(at('first'))).toStrictEqual(before);
  });

  test('goes on for more epochs, and its log says so', async () => {
    const run = await copy('longer');
    const { code, out } = await resume(run, '--epochs', '3', '--checkpoint-every', '1.5');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^note: changed from here on: epochs from 2 to 3, steps from 6 to 9, checkpoint-every from none to 1\.5\.$/m,
    );
    const { log } = (await leftBy(run)) as { log: { type: string; step: number }[] };
    expect(log.filter(({ type }) => type === 'change')).toEqual([
      {
        schema: 1,
        type: 'change',
        step: 6,
        changes: { epochs: [2, 3], 'checkpoint-every': [null, 1.5], steps: [6, 9] },
      },
    ]);
    expect(log.filter(({ type }) => type === 'step').map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await json('longer', 'config.json')).toMatchObject({ epochs: 3, options: { epochs: 3 } });
    expect(await json('longer', 'summary.json')).toMatchObject({ status: 'complete', steps: 9 });
    expect(await resume(run, '--epochs', '1')).toMatchObject({
      code: 64,
      err: 'steppe: The run has made 9 steps: --steps or --epochs must give it as many, got 3 steps.\n',
    });
  });

  test('refuses whatever makes it another run, with every field that differs', async () => {
    expect(await resume(at('first'), '--lr', '0.2', '--seed', '1', '--m', '4')).toMatchObject({
      code: 64,
      err: `steppe: The run in ${at('first')} is of another run: lr was 0.1 and is 0.2; seed was 0 and is 1; m was none and is 4. Begin another run for it, in another --out.\n`,
    });
    const run = await copy('other-data');
    const config = await json('first', 'config.json');
    config.dataset.sha256 = 'f'.repeat(64);
    await writeFile(join(run, 'config.json'), JSON.stringify(config));
    expect(await resume(run)).toMatchObject({
      code: 65,
      err: expect.stringMatching(/is of other data: SHA-256 of the images was f{64} and is [0-9a-f]{64}\. Begin/),
    });
  });

  test('passes over a checkpoint that is damaged, says so, and makes the same of the one before', async () => {
    const run = await copy('damaged');
    const [before, last] = (await checkpointsOf('damaged')).map((name) => join(run, 'checkpoints', name));
    await truncate(last as string, 1000);
    await rm(join(run, 'summary.json'));
    const { code, out } = await resume(run);
    expect(code).toBe(0);
    expect(out).toMatch(/^note: .*step-0000000006\.safetensors is passed over: .*cut short/m);
    expect(out).toContain(`SAM goes on after step 3 of 6, from ${before}.`);
    expect(await leftBy(run)).toStrictEqual(await leftBy(at('first')));
  });

  test('is never begun again in silence when no checkpoint is intact', async () => {
    const run = await copy('ruined');
    await rm(join(run, 'summary.json'));
    for (const name of await checkpointsOf('ruined')) await truncate(join(run, 'checkpoints', name), 1000);
    const { code, err } = await resume(run);
    expect(code).toBe(65);
    expect(err).toMatch(
      /^steppe: No checkpoint in .* is intact\. [^\n]* begin it again by --config [^\n]*config\.json in another --out\.\n$/,
    );
    await rm(join(run, 'checkpoints'), { recursive: true });
    await cp(at('first', 'summary.json'), join(run, 'summary.json'));
    await writeFile(
      join(run, 'summary.json'),
      JSON.stringify({ ...(await json('first', 'summary.json')), status: 'interrupted' }),
    );
    expect(await resume(run)).toMatchObject({ code: 65, err: expect.stringContaining('its checkpoints are gone') });
  });

  test('refuses the checkpoint of another run', async () => {
    const run = await copy('foreign');
    await rm(join(run, 'summary.json'));
    await steppe(...tiny, '--seed', '5', '--epochs', '1', '--out', at('stranger'));
    await rm(join(run, 'checkpoints'), { recursive: true });
    await cp(at('stranger', 'checkpoints'), join(run, 'checkpoints'), { recursive: true });
    expect(await resume(run)).toMatchObject({
      code: 64,
      err: expect.stringMatching(
        /^steppe: The checkpoint .*step-0000000003\.safetensors is of another run: seed was 5 and is 0\. /,
      ),
    });
  });

  test('is the one that is named: a folder without a run, and two folders, are refused', async () => {
    expect(await resume(root)).toMatchObject({ code: 64, err: expect.stringContaining('No run at ') });
    expect(await resume(at('first'), '--out', at('second'))).toMatchObject({
      code: 64,
      err: expect.stringContaining('both say where the run is: leave --out out.'),
    });
    expect(await resume('auto')).toMatchObject({ code: 64, err: expect.stringContaining('--out: name that folder.') });
  });

  test('is trained by one trainer at a time', async () => {
    const run = at('busy');
    let second: Promise<unknown> | undefined;
    const child = spawn(process.execPath, [cli, ...tiny, '--epochs', '100000', '--out', run, '--json'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      if (!line.includes('"event":"step"') || second !== undefined) continue;
      second = resume(run).finally(() => child.kill('SIGKILL'));
    }
    expect(await second).toMatchObject({
      code: 64,
      err: expect.stringMatching(
        new RegExp(
          `^steppe: Another trainer is at work in .*busy: .*run\\.lock is held by process ${child.pid} since [^\\n]*\\.\\n$`,
        ),
      ),
    });
    // The lock of a trainer that was killed is taken over.
    expect(await readdir(run)).toContain('run.lock');
    expect(await resume(run, '--epochs', '1')).toMatchObject({
      err: expect.stringMatching(/^steppe: The run has made \d+ steps|^$/),
    });
    expect(await readdir(run)).not.toContain('run.lock');
  });
});
