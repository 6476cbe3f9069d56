import { expect, test } from 'vitest';
import { batches, fromIdx, normalizations, parseCifar10, parseCifar100, parseIdx, slice } from '../src/index.ts';
import { parseMat, parseSvhn } from '../src/node/index.ts';

const images = Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4]);
const labels = Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 1, 9]);

test('The array buffers of two responses are read as their bytes', async () => {
  const [x, y] = await Promise.all([images, labels].map((bytes) => new Response(bytes).arrayBuffer()));
  expect(fromIdx(x!, y!)).toEqual(fromIdx(images, labels));
  expect(fromIdx(Buffer.from(images), Buffer.from(labels)).labels[0]).toBe(9);
  expect(parseIdx(x!).data).toEqual(Uint8Array.from([1, 2, 3, 4]));
  for (const [parse, size] of [
    [parseCifar10, 3073],
    [parseCifar100, 3074],
  ] as const)
    expect(parse(new ArrayBuffer(size)).labels.length).toBe(1);
  expect(() => parseMat(new ArrayBuffer(3), 9)).toThrow('Not a .mat file: 3 bytes');
  expect(() => parseSvhn(new ArrayBuffer(3))).toThrow('Not a .mat file: 3 bytes');
});

const readers: Readonly<Record<string, (wrong: never) => unknown>> = {
  parseIdx,
  fromIdx: (wrong) => fromIdx(wrong, wrong),
  labels: (wrong) => fromIdx(images, wrong),
  parseCifar10,
  parseCifar100,
  parseMat: (wrong) => parseMat(wrong, 1000),
  parseSvhn: (wrong) => parseSvhn(wrong),
};

test.each(Object.entries(readers))('%s says in one line what are no bytes', (_, read) => {
  const wrong = [
    undefined,
    null,
    'train.idx',
    [0, 0, 8, 1],
    Promise.resolve(images),
    new Response(''),
    new DataView(images.buffer),
    new Float32Array(20),
    3,
  ];
  for (const given of wrong)
    expect(() => read(given as never)).toThrow(
      /^An? (idx )?(\.mat )?file( of [\w-]+)? must be a Uint8Array or an ArrayBuffer, got (Undefined|Null|String|Array|Promise|Response|DataView|Float32Array|Number): [^\n]*$/,
    );
});

const split = {
  images: new Uint8Array(4),
  labels: new Uint8Array(1),
  shape: [2, 2, 1],
  normalization: normalizations.fashionMnist,
} as const;

test.each<readonly [object, string]>([
  [{ batchSize: '2' }, 'batchSize must be a whole number of at least 1, got "2".'],
  [{ batchSize: undefined }, 'batchSize must be a whole number of at least 1, got nothing.'],
  [{ seed: 'a' }, 'seed must be a number or a key of @steppe/random, got "a".'],
  [{ seed: null }, 'seed must be a number or a key of @steppe/random, got null.'],
  [{ seed: 0.5 }, 'A seed is an integer from 0 to 2^53 - 1, got 0.5.'],
  [{ epoch: '1' }, 'epoch must be a whole number of at least 0, got "1".'],
  [{ skip: null }, 'skip must be a whole number of at least 0, got null.'],
  [{ prefetch: [2] }, 'prefetch must be a whole number of at least 0, got a list of 1.'],
  [{ shuffle: 'false' }, 'shuffle must be true or false, got "false".'],
  [{ dropRemainder: 1 }, 'dropRemainder must be true or false, got 1.'],
  [{ augment: 'flip' }, 'augment must be a function, got "flip".'],
  [{ signal: 3 }, 'signal must be an AbortSignal, got 3.'],
])('batches refuses %o in one line', (wrong, message) => {
  expect(() => batches(split, { batchSize: 1, ...wrong })).toThrow(message);
});

test.each([[null], [undefined], [{ images: new Uint8Array(4) }], [3]])('What is no split is refused: %o', (wrong) => {
  const message = /^(batches|slice) needs a split, \{ images, labels, shape, normalization \}, got [^\n]*\.$/;
  expect(() => batches(wrong as never, { batchSize: 1 })).toThrow(message);
  expect(() => slice(wrong as never, 0)).toThrow(message);
});
