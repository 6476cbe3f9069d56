import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { steppe } from '../support/capture.ts';
import { tiny } from '../support/events.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'steppe-chain-'));
});
afterAll(() => rm(root, { recursive: true }));

const json = async (...path: readonly string[]) => JSON.parse(await readFile(join(root, ...path), 'utf8'));

describe('a run with a chain', () => {
  test('shows and keeps it, is repeated by its config.json, and leaves no tensor', async () => {
    const chain =
      '[{ functionalSam: 0.1 }, { esam: { rho: 0.05, gamma: 0.5 } }, { microBatch: 4 }, { sgd: { cosineDecay: 0.1 } }]';
    await writeFile(join(root, 'chain.yaml'), chain);
    const first = await steppe(
      ...tiny.slice(0, -2),
      '--steps',
      '2',
      '--chain',
      `@${join(root, 'chain.yaml')}`,
      '--out',
      join(root, 'a'),
    );
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toContain('Method   chain(functionalSam(0.1, 2), esam(0.05, {');
    expect(first.out).toContain('microBatch(4), chain(scaleBySchedule(-cosineDecay(0.1, 2))))');
    const { options, method } = await json('a', 'config.json');
    expect(method).toBe('functionalSam + esam');
    expect(options.chain[1]).toEqual({ esam: { rho: 0.05, gamma: 0.5 } });
    expect(Object.keys(options)).not.toContain('rho');
    const before = tf.memory().numTensors;
    const again = await steppe('train', '--config', join(root, 'a', 'config.json'), '--json', '--out', join(root, 'b'));
    expect(again).toMatchObject({ code: 0, err: '' });
    expect(tf.memory().numTensors).toBe(before);
    expect((await json('b', 'summary.json')).trainingLoss).toBe((await json('a', 'summary.json')).trainingLoss);
    expect((await json('b', 'config.json')).options).toEqual(options);
  });
});

describe('what is refused in one line before any work, with exit code 64', () => {
  test.each<readonly [readonly string[], string]>([
    [
      ['--chain', '[{ lookSam: { k: 5, rho: -1 } }]'],
      '--chain[0].lookSam.rho must be a finite number of at least 0, got -1.',
    ],
    [['--chain', '[{ lookSam: '], '--chain is not valid YAML or JSON: '],
    [['--chain', '@no-such.yaml'], '--chain no-such.yaml cannot be read (ENOENT'],
    [['--chain', '[{ samTransform: 0.1 }]'], 'chain climbs: what makes the step'],
    [['--chain', 'sgd: 0.1', '--rho', '0.1'], '--rho has no effect with --chain: leave one of them out.'],
    [['--chain', 'sgd: 0.1', '--compare', 'sgd'], '--compare has no effect with --chain: leave one of them out.'],
    [
      [...tiny.slice(1), '--chain', '[{ freeze: nothing }, { sgd: 1 }]'],
      'chain: freeze chooses no leaf of the parameters',
    ],
    [
      [...tiny.slice(1), '--chain', '[{ clipByValue: 1 }, { gam: { rho: 0.1, alpha: 1 } }, { sgd: 1 }]'],
      'chain: gam needs the derivative of what comes before it in the chain, and clipByValue has none',
    ],
  ])('%j', async (argv, message) => {
    const { code, out, err } = await steppe('train', ...argv, '--out', join(root, 'refused'));
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toMatch(/^steppe: [^\r\n]+\n$/);
    expect(err).toContain(message);
  });

  test('in a file, by its name', async () => {
    const file = join(root, 'run.yaml');
    await writeFile(file, 'chain:\n  - { lookSam: { k: 0, rho: 1 } }\n');
    const { code, err } = await steppe('train', '--config', file);
    expect(code).toBe(64);
    expect(err).toBe(`steppe: chain[0].lookSam.k in ${file} must be a whole number of at least 1, got 0.\n`);
  });
});

describe('steppe links', () => {
  test('lists all, and says all of one', async () => {
    const all = await steppe('links');
    expect(all.code).toBe(0);
    expect(all.out).toContain('lookSam      reuses what SAM adds for k steps');
    const { out } = await steppe('links', 'lookSam');
    expect(out).toContain('alpha  the weight of what is reused: a finite number of at least 0 (default:');
    expect(out).toContain('{ lookSam: { k: 5, rho: 0.05 } }');
    expect(JSON.parse((await steppe('links', 'trace', '--json')).out)).toMatchObject({ title: 'trace' });
  });

  test.each([
    ['lookSm', '"lookSm" is no link and no schedule: did you mean lookSam?'],
    ['perturbBy', 'perturbBy cannot stand in a chain: it takes a function'],
    ['constructor', '"constructor" is no link and no schedule'],
  ])('refuses %s', async (name, message) => {
    const { code, out, err } = await steppe('links', name);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toContain(message);
  });
});
