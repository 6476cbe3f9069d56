import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { namesOf } from '../../src/options/option.ts';
import { presets } from '../../src/options/presets/presets.ts';
import { type FileSource, resolveOptions, type Source } from '../../src/options/resolve.ts';
import { type OptionName, optionNames } from '../../src/options/schema.ts';
import type { Options } from '../../src/options/table.ts';

const line = (values: Readonly<Record<string, unknown>>) => ({ values, nameOf: (name: string) => `--${name}` });
const file = (values: Readonly<Record<string, unknown>>) => ({
  values,
  nameOf: (name: string) => `${name} in run.yaml`,
});
const resolve = (commandLine: Source, configFile?: FileSource) => resolveOptions(commandLine, configFile).options;

test('a run whose file lost the hash of its images is repeated, and it is told that they are not compared', () => {
  const run = file({ ...presets['fashion-mini'] });
  expect(resolveOptions(line({}), { ...run, run: {} }).notes).toEqual([
    'the file of --config does not say which images its run saw, so they are not compared.',
  ]);
  expect(resolveOptions(line({}), { ...run, run: { sha256: 'ab' } }).notes).toEqual([]);
  expect(resolveOptions(line({ limit: 10 }), { ...run, run: {} }).notes).toEqual([]);
});

describe('precedence', () => {
  test('without options it is the small preset', () => {
    expect(resolve(line({}))).toEqual(presets['fashion-mini']);
  });

  test('a config file changes the preset, the command line changes both', () => {
    const options = resolve(line({ rho: 0.2 }), file({ preset: 'cifar100-paper', rho: 0.3, lr: 0.01 }));
    expect(options).toEqual({ ...presets['cifar100-paper'], rho: 0.2, lr: 0.01 });
  });

  test('the preset of the command line stands in for that of the file', () => {
    const options = resolve(line({ preset: 'cifar10-paper' }), file({ preset: 'fashion', seed: 7 }));
    expect(options).toEqual({ ...presets['cifar10-paper'], seed: 7 });
  });

  test.prop([fc.constantFrom(...namesOf(presets)), fc.double({ min: 0, max: 10, noNaN: true }), fc.nat()])(
    'what nobody mentions is as the preset says',
    (preset, rho, seed) => {
      expect(resolve(line({ preset, seed }), file({ rho }))).toEqual({ ...presets[preset], rho, seed });
    },
  );
});

describe('the settings of the paper', () => {
  test('the WideResNet of CIFAR-10 (table 6, and the code for clipping and m = 256 / 8)', () => {
    expect(presets['cifar10-paper']).toMatchObject({
      dataset: 'cifar10',
      depth: 28,
      width: 10,
      lr: 0.1,
      'weight-decay': 5e-4,
      rho: 0.05,
      p: 2,
      m: 32,
      epochs: 200,
      batch: 256,
      clip: 5,
      augment: 'basic',
      'label-smoothing': 0,
      momentum: 0.9,
      optimizer: 'momentum',
    } satisfies Partial<Options>);
  });

  test('CIFAR-100 has twice the radius, Fashion-MNIST the same one', () => {
    expect(presets['cifar100-paper']).toEqual({ ...presets['cifar10-paper'], dataset: 'cifar100', rho: 0.1 });
    expect(presets.fashion).toEqual({ ...presets['cifar10-paper'], dataset: 'fashion-mnist' });
  });
});

describe('values that are not allowed', () => {
  const refused: readonly (readonly [OptionName, unknown, string])[] = [
    ['rho', -1, '--rho must be a finite number of at least 0, got -1.'],
    ['rho', Number.NaN, '--rho must be a finite number of at least 0, got NaN.'],
    ['rho', '0,05', '--rho must be a finite number of at least 0, got "0,05".'],
    ['p', 0.5, '--p must be a number of at least 1, or inf, got 0.5.'],
    ['p', 'two', '--p must be a number of at least 1, or inf, got "two".'],
    ['depth', 17, '--depth must be 6n + 4 (10, 16, 22, 28, 40, ...), got 17.'],
    ['depth', 4, '--depth must be 6n + 4 (10, 16, 22, 28, 40, ...), got 4.'],
    ['momentum', 1, '--momentum must be a number of at least 0 and below 1, got 1.'],
    ['lr', 0, '--lr must be a finite number above 0, got 0.'],
    ['lr', 1e39, '--lr must be a finite number above 0, got 1e+39: too large.'],
    ['lr', Number.POSITIVE_INFINITY, '--lr must be a finite number above 0, got Infinity.'],
    ['batch', 1.5, '--batch must be a whole number of at least 1, got 1.5.'],
    ['seed', 2 ** 53, '--seed must be a whole number from 0 to 2^53 - 1, got 9007199254740992: too large.'],
    ['json', 'yes', '--json must be true or false, got "yes".'],
    ['compare', 'lion', '--compare must be one of none, sgd, adam, adamw, got "lion".'],
    ['out', '', '--out must be a folder that is new or empty, got "".'],
    ['data', null, '--data must be a folder, got null.'],
    ['preset', 'imagenet', '--preset must be a name that steppe presets lists, got "imagenet".'],
  ];

  test.each(refused)('--%s %s', (name, value, message) => {
    expect(() => resolve(line({ [name]: value }))).toThrow(expect.objectContaining({ message, code: 64 }));
  });

  test('a value of the config file is named as such', () => {
    expect(() => resolve(line({}), file({ epochs: 'many' }))).toThrow(
      'epochs in run.yaml must be a whole number of at least 1, got "many".',
    );
  });

  test('an unknown name comes with a guess, if there is one', () => {
    expect(() => resolve(line({}), file({ roh: 0.1 }))).toThrow('roh in run.yaml is no option: did you mean rho?');
    expect(() => resolve(line({}), file({ fruit: 1 }))).toThrow('fruit in run.yaml is no option.');
  });

  test('a path that the system cannot have, as it is written', () => {
    expect(() => resolve(line({}), file({ out: 'a\0b' }))).toThrow(
      'out in run.yaml must be a folder that is new or empty, got "a\\u0000b".',
    );
    expect(() => resolve(line({}), file({ data: '\0' }))).toThrow('data in run.yaml must be a folder, got "\\u0000".');
  });

  test('m larger than the batch is refused, with the place that it comes from', () => {
    expect(() => resolve(line({ m: 64, batch: 32 }))).toThrow('--m must be at most the batch of 32 examples, got 64.');
    expect(() => resolve(line({ batch: 16 }), file({ m: 32 }))).toThrow('m in run.yaml must be at most');
    expect(() => resolve(line({ batch: 16, preset: 'cifar10-paper' }))).toThrow('m of cifar10-paper must be at most');
  });

  test('m that does not divide the batch is allowed', () => {
    expect(resolve(line({ m: 5, batch: 32 })).m).toBe(5);
  });

  test.prop([fc.constantFrom(...optionNames), fc.anything({ maxDepth: 2 })])(
    'any value is either taken or refused in one line that names the option',
    (name, value) => {
      try {
        resolve(line({ [name]: value }));
      } catch (error) {
        expect(error).toMatchObject({ code: 64 });
        const { message } = error as Error;
        expect(message).toMatch(
          name === 'chain'
            ? /^--chain\S* .+[.?]$/
            : /^--[a-z-]+ (must be .+, got .*|has no effect with .+: leave one of them out)\.$/,
        );
        expect(message).not.toMatch(/[\r\n]/);
      }
    },
  );
});

test('p may be written as inf, which JSON has no number for', () => {
  for (const p of ['inf', 'Infinity', '.inf', Number.POSITIVE_INFINITY])
    expect(resolve(line({ p })).p).toBe(Number.POSITIVE_INFINITY);
});
