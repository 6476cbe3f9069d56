import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { steppe } from '../support/capture.ts';
import { tiny } from '../support/events.ts';
import { leftBy } from '../support/runs.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'steppe-precision-'));
});
afterAll(() => rm(root, { recursive: true }));

const at = (...path: readonly string[]): string => join(root, ...path);
const optionsOf = async (run: string) => JSON.parse(await readFile(at(run, 'config.json'), 'utf8')).options;
const onNative = [...tiny, '--backend', 'native', '--epochs', '1'] as const;

/** The losses of a run's steps. */
async function lossesOf(run: string): Promise<readonly number[]> {
  const { log } = (await leftBy(at(run))) as { log: { type: string; loss: number }[] };
  return log.filter(({ type }) => type === 'step').map(({ loss }) => loss);
}

test('--precision is of a run: it is kept with it, goes on with it, and another one from some step on is told and logged', async () => {
  expect(await steppe(...onNative, '--out', at('exact'))).toMatchObject({ code: 0 });
  Object.assign(tf.findBackend('native'), { inFloat32: [] }); // it rounds, also where float32 is faster
  expect(await steppe(...onNative, '--precision', 'default', '--out', at('rough'))).toMatchObject({ code: 0 });
  expect([(await optionsOf('exact')).precision, (await optionsOf('rough')).precision]).toEqual([undefined, 'default']);
  const [exact, rough] = [await lossesOf('exact'), await lossesOf('rough')];
  expect(rough).not.toEqual(exact);
  rough.forEach((loss, i) => {
    expect(Math.abs(loss - (exact[i] ?? Number.NaN))).toBeLessThan(0.1);
  });

  const longer = await steppe('train', '--resume', at('rough'), '--epochs', '2');
  expect(longer.out).not.toContain('precision from');
  expect((await optionsOf('rough')).precision).toBe('default');

  const changed = await steppe('train', '--resume', at('rough'), '--epochs', '3', '--precision', 'high');
  expect(changed).toMatchObject({ code: 0, err: '' });
  expect(changed.out).toMatch(/^note: changed from here on: .*precision from default to high/m);
  const { log } = (await leftBy(at('rough'))) as { log: { type: string; step: number; changes: object }[] };
  expect(log.filter(({ type }) => type === 'change').map(({ step, changes }) => [step, changes])).toEqual([
    [3, expect.not.objectContaining({ precision: expect.anything() })],
    [6, expect.objectContaining({ precision: ['default', 'high'] })],
  ]);
});

test('a configuration has it too, and the same precision makes the same run', async () => {
  await writeFile(at('own.yaml'), 'preset: fashion-mini\nprecision: high\nbackend: native\nlimit: 24\nbatch: 8\n');
  for (const run of ['one', 'two'])
    expect(await steppe('train', '--config', at('own.yaml'), '--epochs', '1', '--out', at(run))).toMatchObject({
      code: 0,
    });
  expect((await optionsOf('one')).precision).toBe('high');
  expect(await lossesOf('one')).toEqual(await lossesOf('two'));
});

test('it is refused where it is none, and said to change nothing where a device multiplies in float32', async () => {
  expect(await steppe(...onNative, '--precision', 'bf16', '--out', at('none'))).toEqual({
    code: 64,
    out: '',
    err: 'steppe: --precision must be one of highest, high, default, got "bf16".\n',
  });
  const { code, out } = await steppe(...tiny, '--epochs', '1', '--precision', 'default', '--out', at('wasm'));
  expect(code).toBe(0);
  expect(out).toContain('the precision default changes nothing here: wasm multiplies in float32');
});
