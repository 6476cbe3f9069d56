import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ParserError, parse } from 'parse5';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Captured, steppe } from '../support/capture.ts';

// What `npm start` runs, at the size of a test: the preset with fewer images, in smaller batches, for fewer epochs.
const start = [
  ...['train', '--preset', 'label-noise', '--backend', 'wasm'],
  ...['--limit', '20', '--batch', '10', '--epochs', '1'],
];

let root = '';
let run: Captured;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'steppe-comparison-'));
  run = await steppe(...start, '--out', join(root, 'run'));
});
afterAll(() => rm(root, { recursive: true }));

const read = (...path: readonly string[]): Promise<string> => readFile(join(root, 'run', ...path), 'utf8');
const json = async (...path: readonly string[]) => JSON.parse(await read(...path));
const arms = ['SAM', 'SGD, equal gradients', 'SGD, same epochs', 'SGD, tuned weight decay'];

test('a comparison trains SAM and three rivals, says what each came to, and what a fair reader must know', () => {
  expect({ code: run.code, err: run.err }).toEqual({ code: 0, err: '' });
  const results = run.out.slice(run.out.indexOf('\nrun '));
  const costs = arms.map(
    (arm) => new RegExp(`^${arm} +[\\d.]+ % +[\\d.]+ +-?[\\d.]+ +\\d+ +(\\d+) `, 'm').exec(results)?.[1],
  );
  expect(costs).toEqual(['4', '4', '2', '2']);
  expect(results).toContain('This is one seed: another one can move each error by a point or two.');
  expect(results.replaceAll('\n', ' ')).toContain('A tuned weight decay alone can get SGD most of the way to SAM');
  expect(results).toContain('docs/evidence.md');
});

test('a comparison says how many labels are wrong, and keeps the hash of the labels', async () => {
  expect(run.out).toContain('labels: 8 of 20 to train on are wrong on purpose; those held out are right');
  const configs = await Promise.all(
    [[], ['sgd'], ['sgd-same-epochs'], ['sgd-tuned-decay']].map((f) => json(...f, 'config.json')),
  );
  const [first] = configs;
  expect(first.dataset.labelNoise).toEqual({
    share: 0.4,
    replaced: 8,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(configs.map(({ dataset }) => dataset)).toEqual(configs.map(() => first.dataset));
  expect(configs.map(({ options }) => [options.rho, options.epochs, options['weight-decay']])).toEqual([
    [0.2, 1, 5e-4],
    [0, 2, 5e-4],
    [0, 1, 5e-4],
    [0, 1, 0.02],
  ]);
});

test('a comparison leaves a picture and a page that parses, with every run in both', async () => {
  expect((await readdir(join(root, 'run'))).sort()).toEqual([
    'checkpoints',
    'config.json',
    'metrics.jsonl',
    'report.html',
    'report.svg',
    'sgd',
    'sgd-same-epochs',
    'sgd-tuned-decay',
    'summary.json',
    'weights.safetensors',
  ]);
  const [page, picture] = await Promise.all([read('report.html'), read('report.svg')]);
  const errors: ParserError[] = [];
  parse(page, { onParseError: (error) => errors.push(error) });
  expect(errors).toEqual([]);
  expect(page).toContain(picture);
  for (const arm of arms) {
    expect(page).toContain(`<tr><td>${arm}</td>`);
    expect(picture).toContain(`>${arm}</text>`);
  }
});

test('other seeds have other wrong labels, and the same seed the same ones', async () => {
  const hashOf = async (seed: string, out: string): Promise<unknown> => {
    const { code } = await steppe(...start, '--compare', 'none', '--seed', seed, '--out', join(root, out));
    expect(code).toBe(0);
    return JSON.parse(await readFile(join(root, out, 'config.json'), 'utf8')).dataset.labelNoise.sha256;
  };
  const { sha256 } = (await json('config.json')).dataset.labelNoise;
  expect(await hashOf('0', 'again')).toBe(sha256);
  expect(await hashOf('1', 'other')).not.toBe(sha256);
});

test('a share of wrong labels that is no label is refused', async () => {
  const { code, err } = await steppe(...start, '--label-noise', '0.01', '--out', join(root, 'none'));
  expect({ code, err }).toEqual({
    code: 64,
    err: 'steppe: --label-noise 0.01 of 20 training images is no label: say more of either, or 0.\n',
  });
});
