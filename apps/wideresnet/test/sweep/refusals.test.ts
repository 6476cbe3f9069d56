import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { steppe } from '../support/capture.ts';
import { pictures } from '../support/pictures.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'steppe-sweep-'));
});
afterAll(() => rm(root, { recursive: true }));

const fixed = 'options: { preset: fashion-mini, validation: 0.1 }';

/** What `steppe sweep` says of a file, and whether it began anything. */
async function swept(text: string, ...argv: readonly string[]) {
  const [file, out] = [join(root, 'spec.yaml'), join(root, 'out')];
  await writeFile(file, text);
  const { code, err } = await steppe('sweep', file, '--engine', 'slurm', '--out', out, ...argv);
  return { code, err: err.replaceAll(file, 'spec.yaml'), began: existsSync(out) };
}

test('The top-5 error of images of two classes is no metric, which is told before any trial', async () => {
  const photos = join(root, 'photos');
  await pictures(photos);
  const spec = (metric: string) =>
    `options: { preset: photos, images: ${photos}, validation: 0.1 }\nsearch: { rho: [0, 0.1] }\nmetric: ${metric}`;
  const { code, err, began } = await swept(spec('validation_top5_error'));
  expect({ code, began }).toEqual({ code: 64, began: false });
  expect(err).toBe(
    `steppe: metric in spec.yaml is validation_top5_error, which is 0 with the 2 classes of ${photos}: take an error or a loss.\n`,
  );
});

describe('Before any work, in one line,', () => {
  test.each([
    ['an unknown option', `${fixed}\nsearch: { roh: [1] }`, 'roh in spec.yaml is no option: did you mean rho?'],
    ['a value that no run takes', `${fixed}\nsearch: { rho: [0.1, -1] }`, 'rho in spec.yaml must be a finite number'],
    [
      'a fixed value that no run takes',
      'options: { preset: fashion-mini, batch: 0 }\nsearch: { rho: paper }',
      'batch in spec.yaml must be a whole number of at least 1, got 0.',
    ],
    [
      'a range that leaves what the network takes',
      `${fixed}\nsearch: { depth: { low: 10, high: 28 } }\ntrials: 3`,
      'depth in spec.yaml must be 6n + 4 (10, 16, 22, 28, 40, ...), got 11.',
    ],
    [
      'one trial of many that contradicts itself',
      `${fixed}\nsearch: { m: [8, 64], batch: [32, 64] }`,
      'm in spec.yaml must be at most the batch of 32 examples, got 64.',
    ],
    [
      'a grid of another option',
      `${fixed}\nsearch: { lr: paper }`,
      'search.lr in spec.yaml: the grid paper is one of rho and label-noise: list the values.',
    ],
    [
      'a name that is no grid',
      `${fixed}\nsearch: { rho: papre }`,
      'search.rho in spec.yaml must be a list of values, a range such as',
    ],
    [
      'an unknown word',
      `${fixed}\nsearch: { rho: paper }\ntrails: 3`,
      'trails in spec.yaml is no word of a sweep: did you mean trials?',
    ],
    [
      'an unknown word of an engine',
      `${fixed}\nsearch: { rho: paper }\noptuna: { store: x }`,
      'optuna.store in spec.yaml is no word of a sweep',
    ],
    [
      'a range upside down',
      `${fixed}\nsearch: { rho: { low: 1, high: 0.1 } }\ntrials: 3`,
      'search.rho in spec.yaml must have low below high, got 1 and 0.1.',
    ],
    [
      'a logarithm of 0',
      `${fixed}\nsearch: { rho: { low: 0, high: 0.1, log: true } }\ntrials: 3`,
      'must have low above 0 to be log, got 0.',
    ],
    [
      'a range without a count',
      `${fixed}\nsearch: { rho: { low: 0.1, high: 1 } }`,
      'spec.yaml must say how many trials to draw from its ranges',
    ],
    [
      'an option twice',
      `${fixed}\nsearch: { validation: [0.1, 0.2] }`,
      'validation in spec.yaml is both fixed and searched: leave one of them out.',
    ],
    ['no preset', 'options: { validation: 0.1 }\nsearch: { rho: paper }', 'options in spec.yaml must name a preset'],
    ['nothing to search', fixed, 'search in spec.yaml is missing: it must be a table of names and values.'],
    [
      'too many trials',
      `${fixed}\nsearch: { rho: { low: 0.1, high: 1 } }\ntrials: 1000000000`,
      'trials in spec.yaml must be at most 100000, got 1000000000.',
    ],
    [
      'what holds itself',
      `${fixed}\nsearch: { rho: &a [*a] }`,
      'is not valid YAML or JSON: an alias stands within its own anchor.',
    ],
    ['an empty file', '', 'search in spec.yaml is missing'],
    ['a list', '[]', 'spec.yaml must be a table of names and values, got a list of 0.'],
    ['no values', `${fixed}\nsearch: { rho: [] }`, 'search.rho in spec.yaml must not be empty'],
    [
      'a word of the wrong type',
      `${fixed}\nsearch: { rho: paper }\nseed: -1`,
      'seed in spec.yaml must be at least 0, got -1.',
    ],
    [
      'one of others',
      `${fixed}\nsearch: { rho: paper }\ndirection: up`,
      'must be one of minimize, maximize, got "up".',
    ],
    [
      'an odd word for Slurm',
      `${fixed}\nsearch: { rho: paper }\nslurm: { A: 1 }`,
      'slurm.A in spec.yaml must have a name of small',
    ],
    [
      'what the sweep says itself',
      `${fixed}\nsearch: { out: [a, b] }`,
      'out in spec.yaml is said by the sweep itself: leave it out.',
    ],
    [
      'more jobs than devices',
      `${fixed}\nsearch: { rho: paper }\njobs: 3\ndevices: [0, 1]`,
      'jobs in spec.yaml must be at most the 2 devices, one for each, got 3.',
    ],
    [
      'a word of Slurm that the sweep says',
      `${fixed}\nsearch: { rho: paper }\nslurm: { array: 0-9 }`,
      'slurm.array in spec.yaml is said by the sweep itself',
    ],
    [
      'a metric that is none',
      `${fixed}\nsearch: { rho: paper }\nmetric: validation_eror`,
      'did you mean validation_error?',
    ],
    [
      'no held-out images',
      'options: { preset: fashion-mini }\nsearch: { rho: paper }',
      'no images are held out to measure it on: say "validation: 0.1" among the options.',
    ],
    ['no YAML', 'a: [', 'spec.yaml is not valid YAML or JSON'],
  ])('%s is refused', async (_, text, message) => {
    const { code, err, began } = await swept(text);
    expect(err).toMatch(/^steppe: [^\n]+\n$/);
    expect(err).toContain(message);
    expect({ code, began }).toEqual({ code: 64, began: false });
  });

  test('tuning on the test images is refused until the file says so aloud', async () => {
    const text = 'options: { preset: fashion-mini }\nsearch: { rho: paper }\nmetric: test_error';
    expect(await swept(text)).toMatchObject({
      code: 64,
      began: false,
      err: expect.stringContaining('"tune-on-test: true"'),
    });
    expect(await swept(`${text}\ntune-on-test: true`)).toMatchObject({ code: 0, err: '', began: true });
    await rm(join(root, 'out'), { recursive: true });
  });

  test('a folder that another sweep began is refused, with what differs; the same sweep goes on in it', async () => {
    expect(await swept(`${fixed}\nsearch: { rho: paper }`)).toMatchObject({ code: 0 });
    expect(await swept(`${fixed}\nsearch: { rho: paper }\nretries: 5`)).toMatchObject({ code: 0 });
    const { code, err } = await swept(`${fixed}\nsearch: { rho: [0.1] }\nmetric: validation_loss`);
    expect({ code, err }).toEqual({
      code: 64,
      err: expect.stringMatching(
        /^steppe: \S+ holds another sweep: space, metric differ\. Give another folder by --out\.\n$/,
      ),
    });
  });

  test.each([
    [['sweep'], 'Say what to try by the name of a file, or --show and the folder of a sweep.'],
    [['sweep', 'a.yaml'], 'Say who runs the trials: --engine is one of optuna, parallel, slurm, katib.'],
    [['sweep', 'a.yaml', '--engine', 'slurm'], 'the sweep a.yaml'],
    [['sweep', 'a.yaml', '--engine', 'ray'], '--engine must be one of optuna, parallel, slurm, katib, got "ray".'],
    [['sweep', '--show', 'no-such'], 'No sweep at no-such: it has no sweep.json.'],
    [['sweep', 'a.yaml', '--show', 'b'], '--show takes the folder of a sweep and nothing else.'],
  ])('%j is refused', async (argv, message) => {
    const { code, err } = await steppe(...argv);
    expect(err).toMatch(/^steppe: [^\n]+\n$/);
    expect(err).toContain(message);
    expect(code).toBe(64);
  });
});

test.each([
  ['optuna', 'optuna is not installed: pip install optuna'],
  ['parallel', 'parallel is not installed: sudo apt install parallel'],
])('%s that is not there is refused with the command that installs it', async (engine, message) => {
  const { PATH } = process.env;
  process.env.PATH = root;
  try {
    await writeFile(join(root, 'few.yaml'), `${fixed}\nsearch: { rho: [0.1] }`);
    const { code, err } = await steppe(
      'sweep',
      join(root, 'few.yaml'),
      '--engine',
      engine,
      '--out',
      join(root, engine),
    );
    expect({ code, err }).toEqual({ code: 69, err: expect.stringContaining(message) });
  } finally {
    process.env.PATH = PATH;
  }
});
