import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { Command, quiet, typed, withOptions } from '../../src/commands/command-line.ts';
import { optionNames, optionOf } from '../../src/options/schema.ts';
import { steppe } from '../support/capture.ts';

/** One line that begins with our name, and no stack. */
const complaint = /^steppe: [^\r\n]+\n$/;

describe('what the command line refuses, in one line and with exit code 64', () => {
  test.each([
    [['train', '--rho', '-1'], '--rho must be a finite number of at least 0, got -1.'],
    [['train', '--rho', '0,05'], '--rho must be a finite number of at least 0, got "0,05".'],
    [['train', '--rho='], '--rho must be a finite number of at least 0, got "".'],
    [['train', '--rho', '0x10'], '--rho must be a finite number of at least 0, got "0x10".'],
    [['train', '--rho', '1e999'], '--rho must be a finite number of at least 0, got 1e999.'],
    [['train', '--p', '0.99'], '--p must be a number of at least 1, or inf, got 0.99.'],
    [['train', '--depth', '12'], '--depth must be 6n + 4 (10, 16, 22, 28, 40, ...), got 12.'],
    [['train', '--weight-decay', 'NaN'], '--weight-decay must be a finite number of at least 0, got "NaN".'],
    [['train', '--batch', '32', '--m', '33'], '--m must be at most the batch of 32 examples, got 33.'],
    [['train', '--backend', 'gpu'], '--backend must be one of auto, cuda, webgpu, native, wasm, cpu, got "gpu".'],
    [['train', '--roh', '1'], "unknown option '--roh' (Did you mean --rho?)."],
    [['train', '--rho'], "option '--rho <radius>' argument missing."],
    [['train', '--json=yes'], "unknown option '--json=yes'."],
    [['train', 'fast', 'slow'], 'too many arguments'],
    [['train', 'fast', '--images', 'slow'], 'fast and --images both name a folder of images: leave one of them out.'],
    [['tran'], "unknown command 'tran' (Did you mean train?)."],
    [['evaluate'], "missing required argument 'run'."],
    [['evaluate', 'no-such-run'], 'No run at no-such-run'],
    [['train', '--epochs', '99999999999999999999'], 'got 99999999999999999999: too large.'],
    [['train', '--config', 'no-such.yaml'], '--config no-such.yaml cannot be read (ENOENT'],
  ])('steppe %j', async (argv, message) => {
    const { code, out, err } = await steppe(...argv);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toMatch(complaint);
    expect(err).toContain(message);
  });

  const valued = optionNames.filter((name) => optionOf(name).value !== undefined);
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.double().map(String),
    fc.integer().map(String),
    fc.constantFrom(
      '',
      ' ',
      '-1',
      '0',
      '1e400',
      'inf',
      '__proto__',
      'constructor',
      'null',
      '[1]',
      '{}',
      '\u001b[2J',
      'a\nb',
    ),
  );

  test.prop([fc.constantFrom(...valued), texts], { numRuns: 300 })(
    'a wrong value of any option, which the line names',
    async (name, text) => {
      const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && !optionOf(name).isText ? Number(text) : text;
      fc.pre(!optionOf(name).kind.schema.safeParse(value).success);
      const { code, out, err } = await steppe('train', `--${name}=${text}`);
      expect({ code, out }).toEqual({ code: 64, out: '' });
      expect(err).toMatch(complaint);
      expect(err.startsWith(`steppe: --${name} must be ${optionOf(name).kind.expects}, got `)).toBe(true);
    },
  );

  const parsed = (...argv: readonly string[]) =>
    typed(withOptions(quiet(new Command()), optionNames).parse(argv, { from: 'user' })).values;

  test.prop([fc.constantFrom(...valued), texts, fc.constantFrom(...valued)])(
    'nothing of "--name value" that it takes as "--name=value", whatever the value',
    (name, text, other) => {
      const rest = [`--${other}`, '1'];
      expect(parsed(`--${name}=${text}`, ...rest)).toEqual(parsed(`--${name}`, text, ...rest));
      expect(Object.keys(parsed(`--${name}=${text}`))).toEqual([name]);
    },
  );

  test.prop([
    fc.array(fc.oneof(fc.string(), fc.constantFrom(...optionNames.map((name) => `--${name}`))), {
      maxLength: 6,
    }),
  ])('whatever else is on it', async (argv) => {
    const { code, err } = await steppe('train', ...argv, '--config', 'no-such-file.yaml');
    if (code === 0) return; // --help was among them.
    expect(code).toBe(64);
    expect(err).toMatch(complaint);
  });
});

describe('help', () => {
  test('lists every option and explains the words of SAM', async () => {
    const { code, out, err } = await steppe('train', '--help');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const name of optionNames) expect(out).toContain(`--${name}`);
    expect(out.replace(/\s+/g, ' ')).toContain('0 turns SAM off (default: 0.2)');
    for (const word of ['\n  rho ', '\n  p ', '\n  m ', '\nExamples:', '\nExit codes:']) expect(out).toContain(word);
  });

  test('comes without being asked for when there is no command, which is an error', async () => {
    expect(await steppe()).toMatchObject({ code: 64, err: expect.stringContaining('Commands:') });
  });

  test('the version is that of the package', async () => {
    expect(await steppe('--version')).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  });
});
