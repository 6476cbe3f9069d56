import { fc, test as property } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { dispose, readSafetensors, serialize, writeSafetensors } from '../../src/index.ts';

const name = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => text !== '__metadata__');
const tensor = fc.record({
  shape: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
  dtype: fc.constantFrom('float32' as const, 'int32' as const, 'bool' as const),
  seed: fc.nat(1000),
});

describe('writeSafetensors', () => {
  property.prop([fc.dictionary(name, tensor, { maxKeys: 6 })], { numRuns: 60 })(
    'writes what readSafetensors reads back, whatever the names, shapes and types, and leaves nothing',
    async (described) => {
      const before = tf.memory().numTensors;
      const tensors = Object.fromEntries(
        Object.entries(described).map(([key, { shape, dtype, seed }]) => [
          key,
          tf.tidy(() => tf.cast(tf.randomNormal(shape, 0, 9, 'float32', seed), dtype)),
        ]),
      );
      const read = await readSafetensors(await writeSafetensors(tensors, { format: 'pt' }));
      expect(read.metadata).toEqual({ format: 'pt' });
      expect(Object.keys(read.tensors).sort()).toEqual(Object.keys(tensors).sort());
      for (const [key, x] of Object.entries(tensors)) {
        const y = read.tensors[key] as tf.Tensor;
        expect([y.dtype, y.shape, y.dataSync()]).toEqual([x.dtype, x.shape, x.dataSync()]);
      }
      dispose(tensors, read.tensors);
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  test('refuses in one line what such a file cannot hold', async () => {
    const x = tf.tensor1d([1]);
    await expect(writeSafetensors({ __metadata__: x })).rejects.toThrow('A tensor cannot be called "__metadata__"');
    await expect(writeSafetensors({ w: tf.complex(1, 1) })).rejects.toThrow('got complex64 at "w": cast it.');
    await expect(writeSafetensors({ w: x }, { steppe: '1' })).rejects.toThrow('The metadata "steppe" mark a tree');
    const numbers: Record<string, unknown> = { epoch: 3 };
    await expect(writeSafetensors({ w: x }, numbers as Record<string, string>)).rejects.toThrow(
      'Metadata are strings, got 3 as "epoch".',
    );
  });

  test('gives a file that is no tree of serialize, and none of its digests', async () => {
    const bytes = await writeSafetensors({ '.w': tf.tensor1d([1, 2]) });
    expect(new TextDecoder().decode(bytes)).not.toContain('Sha256');
    expect(bytes.length).toBeLessThan((await serialize({ w: tf.tensor1d([1, 2]) })).length);
  });
});
