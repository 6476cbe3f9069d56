import { totalmem } from 'node:os';
import { normalizations } from '@steppe/datasets';
import { describe, expect, test } from 'vitest';
import { presets } from '../../src/options/presets/presets.ts';
import { bytesText, checkHolding, checkMemory, memoryLimit } from '../../src/run/memory.ts';
import { isOutOfMemory, namedIfOutOfMemory } from '../../src/run/out-of-memory.ts';

const work = { title: 'WRN-28-10', device: 'native', weights: 'lower --width', remedy: '--batch' };
const size = { parameters: 36_479_194, state: 0, activations: 3e6 };

describe('Memory', () => {
  test('that no machine has is refused with both figures and what to lower', () => {
    expect(() => checkMemory({ ...size, parameters: 1e20 }, 32, work)).toThrow(
      /^WRN-28-10 needs at least 1000 EB of memory, there are [\d.]+ [GT]B: lower --width\.$/,
    );
    expect(() => checkMemory({ ...size, activations: 1e12 }, 32, work)).toThrow(/at least 128 TB .*: lower --batch\.$/);
    expect(() => checkMemory({ ...size, parameters: Number.POSITIVE_INFINITY }, 0, work)).toThrow('needs at least');
  });

  test('that the machine has is no matter', () => {
    expect(() => checkMemory(size, 32, work)).not.toThrow();
  });

  test('of a GPU is its own: only the weights must fit the machine', () => {
    for (const device of ['auto', 'cuda', 'webgpu']) {
      expect(() => checkMemory({ ...size, activations: 1e12 }, 32, { ...work, device })).not.toThrow();
      expect(() => checkMemory({ ...size, parameters: 1e15 }, 32, { ...work, device })).toThrow('lower --width');
    }
  });

  test('is that of the machine or its container, and of WebAssembly at most 4 GiB', () => {
    expect(memoryLimit('native')).toBeLessThanOrEqual(totalmem());
    expect(memoryLimit('native')).toBeGreaterThan(2 ** 28);
    expect(memoryLimit('wasm')).toBeLessThanOrEqual(2 ** 32);
  });

  test('is told in three digits', () => {
    expect([0, 999, 1e3, 25_300_000_000, 3.2e12].map(bytesText)).toEqual([
      '0.00 B',
      '999 B',
      '1.00 kB',
      '25.3 GB',
      '3.20 TB',
    ]);
  });
});

test('A file of weights that claims a huge network is refused by what it holds, before the network is built', () => {
  const split = {
    images: new Uint8Array(),
    labels: new Uint8Array(),
    shape: [28, 28, 1],
    normalization: normalizations.mnist,
  } as const;
  const dataset = {
    name: 'mnist',
    source: 'this test',
    classes: ['0', '1'],
    shape: split.shape,
    train: split,
    test: split,
  } as const;
  const options = { ...presets['fashion-mini'], depth: 1_000_006, width: 1_000_000_000 };
  expect(() => checkHolding(options, { dataset }, {})).toThrow(
    /^The file does not fit its network: WRN-1000006-1000000000 has \S+ numbers, it holds 0\.$/,
  );
});

describe('An error that memory is used up', () => {
  test.each([
    new RangeError('Array buffer allocation failed'),
    new RangeError('Invalid typed array length: 9999999999'),
    new Error('Conv2D ran out of memory: dispose tensors (tf.tidy), or use a smaller batch.'),
    new Error('OOM when allocating tensor with shape[64,640,32,32]'),
    new WebAssembly.RuntimeError('Aborted(Cannot enlarge memory arrays)'),
    new Error('the step failed', { cause: new Error('Out of memory') }),
  ])('is named, with what to lower: %s', (error) => {
    expect(namedIfOutOfMemory(error, '--batch')).toMatchObject({
      code: 69,
      message: expect.stringMatching(/^Out of memory \([^\n]+\): lower --batch\.$/),
    });
  });

  test('is no other error', () => {
    const other = new Error('Trees differ');
    expect(isOutOfMemory(other)).toBe(false);
    expect(namedIfOutOfMemory(other, '--batch')).toBe(other);
  });
});
