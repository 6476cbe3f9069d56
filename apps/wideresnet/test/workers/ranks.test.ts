import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchers } from '../../../../tools/vitest/mpi.ts';
import { buildCli, cli } from '../support/cli.ts';
import { alone, onRanks, small, start } from '../support/ranks.ts';
import { leftBy } from '../support/runs.ts';

let root = '';
const at = (name: string): string => join(root, name);
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'steppe-ranks-'));
  if (launchers.length > 0) await buildCli();
});
afterAll(() => rm(root, { recursive: true }));

/** What one process leaves, once for each name. */
const lefts = new Map<string, Promise<unknown>>();
function leftByOne(name: string, words: readonly string[]): Promise<unknown> {
  const left =
    lefts.get(name) ??
    alone([...words, '--out', at(name)]).then(({ code, err }) => {
      expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
      return leftBy(at(name));
    });
  lefts.set(name, left);
  return left;
}

const validated = [...small, '--epochs', '2', '--validation', '0.34', '--patience', '5'];

describe.each(launchers.map((launcher) => [launcher.name, launcher] as const))('%s', (name, launcher) => {
  const isOpen = name === 'OpenMPI';
  const out = (of: string): readonly string[] => ['--out', at(`${of}-${name}`)];

  test('two ranks leave what one process leaves whose halves of a batch have an ε̂ each, bit for bit', async () => {
    const { code, err, out: text } = await onRanks(launcher, 2, [...validated, ...out('own')]);
    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
    expect(await leftBy(at(`own-${name}`))).toEqual(await leftByOne('m', [...validated, '--m', '4']));
    // Rank 0 alone tells of it.
    expect(text.match(/"event":"summary"/g)).toHaveLength(1);
  });

  test.skipIf(!isOpen)('with an m of the whole batch they share one ε̂, as a batch in two parts does', async () => {
    const words = [...small, '--steps', '2'];
    const { code } = await onRanks(launcher, 2, [...words, '--m', '8', ...out('shared')]);
    expect(code).toBe(0);
    const one = await leftByOne('accumulate', [...words, '--accumulate', '2']);
    expect(await leftBy(at(`shared-${name}`))).toEqual(one);
  });

  test.skipIf(!isOpen)('--sync-batch-norm gives the loss of one process with the whole batch', async () => {
    const words = [...small, '--steps', '1', '--dropout', '0', '--m', '8'];
    const lossOf = async (run: string): Promise<number> => {
      const { log } = (await leftBy(at(run))) as { readonly log: readonly { readonly loss: number }[] };
      return log[0]?.loss ?? Number.NaN;
    };
    const ended = await Promise.all([
      onRanks(launcher, 2, [...words, '--sync-batch-norm', '--out', at('synchronized')]),
      alone([...words, '--out', at('whole')]),
    ]);
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    expect(await lossOf('synchronized')).toBeCloseTo(await lossOf('whole'), 5);
    const { options } = JSON.parse(await readFile(join(at('synchronized'), 'config.json'), 'utf8'));
    expect(options['sync-batch-norm']).toBe(true);
  });

  test.skipIf(!isOpen)(
    'three ranks take 3, 3 and 2 of 8 images, that are mixed with those of others, and estimate statistics anew',
    async () => {
      const words = [...small, '--steps', '2', '--mixup', '0.2', '--reestimate-statistics'];
      const { code } = await onRanks(launcher, 3, [...words, ...out('mixed')]);
      expect(code).toBe(0);
      expect(await leftBy(at(`mixed-${name}`))).toEqual(await leftByOne('mixup', [...words, '--m', '3']));
    },
  );

  test.skipIf(!isOpen)('ranks with other options are refused before the first step, with the option', async () => {
    const each = (rho: string) => [process.execPath, cli, ...small, '--epochs', '1', '--rho', rho, ...out('unequal')];
    const words = [...launcher.args, '-n', '1', ...each('0.05'), ':', '-n', '1', ...each('0.1')];
    const { code, err } = await start(launcher.command, words).end;
    expect(code).toBe(65);
    expect(err).toContain('The ranks differ in options.rho: rank 0 has 0.05, rank 1 has 0.1. Start all of them with');
  });
});
