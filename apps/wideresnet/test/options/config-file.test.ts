import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fc, test } from '@fast-check/vitest';
import { afterAll, beforeAll, describe, expect, vi } from 'vitest';
import { readConfigFile } from '../../src/options/config-file.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steppe-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(content: string | Uint8Array, name = 'run.yaml'): Promise<unknown> {
  const file = join(folder, name);
  await writeFile(file, content);
  return (await readConfigFile(file)).values;
}

describe('what is read', () => {
  test('YAML', async () => {
    expect(await read('rho: 0.1 # radius\np: .inf\ndownload: true\n')).toEqual({
      rho: 0.1,
      p: Number.POSITIVE_INFINITY,
      download: true,
    });
  });

  test('JSON', async () => {
    expect(await read('{ "rho": 0.1, "p": "inf" }', 'run.json')).toEqual({ rho: 0.1, p: 'inf' });
  });

  test('an empty file, which says nothing', async () => {
    expect(await read('')).toEqual({});
  });

  test('the config.json of a run, to repeat it', async () => {
    const file = join(folder, 'config.json');
    await writeFile(file, '{ "schema": "steppe.config/1", "options": { "seed": 3 }, "dataset": { "sha256": "ab" } }');
    expect(await readConfigFile(file)).toEqual({ values: { seed: 3 }, run: { sha256: 'ab' } });
  });

  test.prop([fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.oneof(fc.boolean(), fc.double(), fc.string()))], {
    numRuns: 20,
  })('whatever JSON can say', async (options) => {
    const written = JSON.stringify(options);
    expect(JSON.stringify(await read(written))).toBe(written);
  });
});

describe('what is refused, in one line', () => {
  const bomb = `a: &a [x, x]\n${'bcdefghijkl'
    .split('')
    .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghijkl'[i]}`)}]`)
    .join('\n')}`;
  const cases: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
    ['a name given twice in YAML', 'rho: 1\nrho: 2\n', /not valid YAML or JSON: .*unique/],
    ['a name given twice in JSON', '{"rho": 1, "rho": 2}', /not valid YAML or JSON: .*unique/],
    ['aliases that multiply', bomb, /not valid YAML or JSON: .*alias/],
    ['a document that does not end', '{"rho": 1', /not valid YAML or JSON/],
    ['two documents', 'rho: 1\n---\nrho: 2\n', /not valid YAML or JSON/],
    ['an unknown tag', 'rho: !!js/function "x"\n', /not valid YAML or JSON/],
    ['nesting without end', '['.repeat(60_000), /not valid YAML or JSON/],
    ['bytes that are not UTF-8', Uint8Array.of(0x72, 0x3a, 0x20, 0xff, 0xfe), /is not UTF-8 text/],
    ['a large file', ' '.repeat(65_537), /must have at most 65,536 bytes, got 65,537/],
    ['a list', '- rho\n- 1\n', /must hold options as "name: value" lines/],
    ['a bare number', '7', /must hold options/],
    [
      'the config.json of another version',
      '{ "schema": "steppe.config/2", "options": {} }',
      /schema must be steppe\.config\/1, got "steppe\.config\/2"/,
    ],
    ['the config.json of a run that lost its options', '{ "schema": "steppe.config/1" }', /has no options/],
  ];

  test.each(cases)('%s', async (_, content, message) => {
    const error: unknown = await read(content).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 64, message: expect.stringMatching(message) });
    expect((error as Error).message).not.toMatch(/[\r\n]/);
  });

  test('a key that is a list, by its name and without a warning of the parser', async () => {
    const warned = vi.spyOn(process, 'emitWarning');
    expect(await read('? [a, b]\n: 1\n')).toEqual({ '[ a, b ]': 1 });
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });

  test('a missing file', async () => {
    await expect(readConfigFile(join(folder, 'none.yaml'))).rejects.toMatchObject({
      code: 64,
      message: expect.stringMatching(/^--config \S+none\.yaml cannot be read \(ENOENT: no such file or directory\)\.$/),
    });
  });

  test.prop([fc.uint8Array({ maxLength: 200 })], { numRuns: 100 })('any bytes are read or refused', async (bytes) => {
    const result: unknown = await read(bytes).catch((reason: unknown) => reason);
    if (result instanceof Error) expect(result).toMatchObject({ name: 'CommandError', code: 64 });
    else expect(result).toBeTypeOf('object');
  });
});
