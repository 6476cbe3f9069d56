import { fc, test as property } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deserialize, dispose, type Plain, readSafetensors, serialize, type Tree } from '../../src/index.ts';
import { expectSame, plainTrees, trees } from '../support/random-trees.ts';

const refused = (bytes: Uint8Array) =>
  expect(deserialize(bytes)).rejects.toThrow(
    /^Not an intact tree file: [^\n]+\. Load an older copy or save it again\.$/,
  );

const flipped = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = bytes.slice();
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
  return copy;
};

const sample = (): Tree => ({
  layers: [{ kernel: tf.randomUniform([3, 5], -1, 1, 'float32', 7), mask: tf.tensor1d([true, false, true], 'bool') }],
  count: tf.scalar(12, 'int32'),
  key: { threefry: [0, 7] },
});

describe('serialize and deserialize', () => {
  let before = 0;
  beforeEach(async () => {
    await tf.setBackend('cpu');
    before = tf.memory().numTensors;
  });
  afterEach(() => expect(tf.memory().numTensors).toBe(before));

  property.prop([trees, plainTrees], { numRuns: 150 })('keep every bit of any tree', async (grow, growMetadata) => {
    const [tree, metadata] = [grow(), growMetadata()];
    const back = await deserialize(await serialize(tree, metadata));
    try {
      expectSame(back.tree, tree);
      expectSame(back.metadata, metadata);
    } finally {
      dispose(tree, back.tree);
    }
  });

  property.prop([trees], { numRuns: 30 })('are a function of the tree alone', async (grow) => {
    const tree = grow();
    const [once, twice] = await Promise.all([serialize(tree), serialize(tree)]);
    dispose(tree);
    expect(once).toStrictEqual(twice);
  });

  test('read a Buffer that lies anywhere in a larger one', async () => {
    const tree = sample();
    const bytes = await serialize(tree);
    const larger = Buffer.alloc(bytes.length + 3);
    larger.set(bytes, 3);
    const back = await deserialize(larger.subarray(3));
    larger.fill(0);
    expectSame(back.tree, tree);
    dispose(tree, back.tree);
  });

  test('let the tree be freed as soon as the call returns', async () => {
    const tree = sample();
    const bytes = await serialize(tree);
    const pending = serialize(tree);
    dispose(tree);
    expect(await pending).toStrictEqual(bytes);
  });

  test('align four-byte numbers, whatever stands before them in the tree', async () => {
    const tree = [tf.tensor1d([true], 'bool'), tf.scalar(1), tf.tensor1d([true], 'bool'), tf.scalar(2)];
    const bytes = await serialize(tree);
    const headerSize = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + headerSize)).toString());
    expect(headerSize % 8).toBe(0);
    expect([1, 3, 0, 2].map((i) => header[`[${i}]`].data_offsets)).toEqual([
      [0, 4],
      [4, 8],
      [8, 9],
      [9, 10],
    ]);
    dispose(tree);
  });

  test('name the leaf of a type that is not saved', async () => {
    const tree = { names: tf.tensor1d(['a']) };
    await expect(serialize(tree)).rejects.toThrow(
      'Trees of float32, int32 and bool tensors are saved, got string at ".names": cast it.',
    );
    dispose(tree);
  });

  test.each<readonly [string, unknown, string]>([
    ['a Date', { when: new Date(0) }, 'got a Date at ".when"'],
    ['a function', [() => 0], 'got a function at "[0]"'],
    ['a typed array', { w: new Float32Array(2) }, 'got a Float32Array at ".w"'],
    ['a bigint', 1n, 'got a bigint at "."'],
  ])('refuse %s, which is no plain data', async (_, tree, message) => {
    await expect(serialize(tree as Tree)).rejects.toThrow(message);
    await expect(serialize(null, tree as Plain)).rejects.toThrow(message);
  });

  test('refuse a tree that never ends', async () => {
    const ring: { [key: string]: Plain } = {};
    ring.next = ring;
    await expect(serialize(null, ring)).rejects.toThrow('to a depth of 500');
  });

  test('leave nothing behind when a tensor is already freed', async () => {
    const [whole, freed] = [tf.scalar(1), tf.scalar(2)];
    freed.dispose();
    await expect(serialize({ whole, freed })).rejects.toThrow(
      'The tensor at ".freed" is already freed: save the tree before that.',
    );
    dispose(whole);
  });

  test('refuse every truncation', async () => {
    const tree = sample();
    const bytes = await serialize(tree);
    dispose(tree);
    for (let length = 0; length < bytes.length; length++) await refused(bytes.subarray(0, length));
    await refused(Uint8Array.of(...bytes, 0));
  });

  test('refuse every flip of a single bit', async () => {
    const tree = sample();
    const bytes = await serialize(tree);
    dispose(tree);
    for (let bit = 0; bit < 8 * bytes.length; bit++) await refused(flipped(bytes, bit));
  });

  property.prop([fc.uint8Array({ maxLength: 400 }), fc.nat(), fc.nat()], { numRuns: 300 })(
    'refuse bytes of another file written over theirs',
    async (noise, place, length) => {
      const tree = sample();
      const bytes = await serialize(tree);
      dispose(tree);
      const spoilt = bytes.slice();
      spoilt.set(noise.subarray(0, spoilt.length - (place % spoilt.length)), place % spoilt.length);
      if (Buffer.compare(spoilt, bytes) !== 0) await refused(spoilt);
      await refused(noise.subarray(0, length));
    },
  );
});

test('what is no tree file is refused by what it looks like', async () => {
  const text = (content: string) => new TextEncoder().encode(content);
  for (const [bytes, kind] of [
    [text('<!DOCTYPE html><html></html>'), 'an HTML page'],
    [text('\n  <html lang="en"></html>'), 'an HTML page'],
    [text('PK\u0003\u0004 and so on'), 'a zip archive (.zip, .npz)'],
    [Uint8Array.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 0]), 'a gzip file'],
    [text('{"epoch": 3, "weights": []}'), 'a JSON file'],
  ] as const)
    for (const read of [deserialize, readSafetensors])
      await expect(read(bytes)).rejects.toThrow(`Not an intact tree file: it looks like ${kind}.`);
  for (const odd of [undefined, null, 'weights.safetensors', [1, 2], new Response('')])
    for (const read of [deserialize, readSafetensors])
      await expect(read(odd as never)).rejects.toThrow('A tree file must be a Uint8Array or an ArrayBuffer, got ');
  const bytes = await serialize({ w: tf.tensor1d([1, 2]) });
  expect((await deserialize(bytes.slice().buffer)).tree).toMatchObject({ w: { shape: [2] } });
});
