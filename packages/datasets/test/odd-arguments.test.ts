import '@tensorflow/tfjs';
import { key } from '@steppe/random';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import * as datasets from '../src/index.ts';
import * as node from '../src/node/index.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const bare: object = Object.create(null);
const odd = (): readonly unknown[] => [
  ...[undefined, null, Number.NaN, -1, 0.5, 1e300, '', 'no such thing', true, 10n, Symbol('odd')],
  ...[[], {}, [null], [Number.NaN], { length: 3 }, bare, new Map(), new Date(Number.NaN), () => 1],
  ...[new Uint8Array(3), new Float32Array(), Promise.resolve(1), tf.scalar(1)],
];

const split: datasets.Split = {
  images: new Uint8Array(24),
  labels: Uint8Array.of(0, 1, 0, 1, 0, 1),
  shape: [2, 2, 1],
  normalization: { mean: [0], std: [1] },
};
const dataset = { train: split, test: split, classes: ['a', 'b'] };
const image = { pixels: new Float32Array(12), shape: [2, 2, 3] };
const bytes = { pixels: new Uint8Array(12), shape: [2, 2, 3] };
const images = () => tf.zeros([2, 4, 4, 3]);
const batch = () => ({ images: images(), labels: tf.zeros([2], 'int32') });
const rates = { mean: [0, 0, 0], std: [1, 1, 1] };
const idx = Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 1, 7]);
const workers = { workers: 0, size: 8, share: 0.5, seed: 0, hash: 'names' };

/** Arguments with which each export works, or almost: of these one at a time is put into the place of another. */
const good: { readonly [name: string]: () => readonly unknown[] } = {
  asymmetricLabelNoise: () => [key(0), split, 0.5, datasets.confusions.cifar10],
  autoAugment: () => ['cifar10', { fill: 0 }],
  basicAugmentation: () => [],
  batchCount: () => [10, 3, true],
  batches: () => [split, { batchSize: 2, seed: 1, epoch: 0, shuffle: true, skip: 0, prefetch: 1, dropRemainder: true }],
  cacheFolder: () => [{ HOME: '/tmp', STEPPE_DATA: '/tmp' }],
  centerCrop: () => [8, 9],
  colorJitter: () => [{ brightness: 0.1, contrast: 0.1, saturation: 0.1, hue: 0.1 }],
  compose: () => [datasets.cutout(1), datasets.cutout(2)],
  composeBatch: () => [datasets.flipBatch(), datasets.cropBatch(1)],
  contactSheet: () => [split, { columns: 2, classes: [0] }],
  cropBatch: () => [1],
  cutmix: () => [key(0), batch(), { classes: 3, alpha: 1 }],
  cutout: () => [2],
  cutoutBatch: () => [2],
  decodeImage: () => [bytes.pixels, node.resize(8), { channels: 3, maxPixels: 100 }],
  describeSplit: () => [split, 2],
  duplicates: () => [split, split],
  encodePng: () => [bytes],
  erasingBatch: () => [{ probability: 1, scale: [0.1, 0.2], ratio: [1, 2], value: 0 }],
  flipBatch: () => [0.5],
  fromIdx: () => [idx, idx, { classes: 10, firstLabel: 0, transposed: false }],
  hashDataset: () => [dataset],
  hashLabels: () => [split],
  holdOut: () => [key(0), split, 0.5],
  horizontalFlip: () => [0.5],
  isIndexed: () => [split],
  jitterBatch: () => [rates, { brightness: 0.1, contrast: 0.1, saturation: 0.1 }],
  loadDataset: () => ['mnist', { download: false, folder: '/dev/null/none', tries: 1, timeout: 1, stallTimeout: 1 }],
  loadFinetuningSet: () => ['pets', '/dev/null/none', workers],
  loadImageFolder: () => ['/dev/null/none', { ...workers, labels: 'a.csv', heldOut: 'test' }],
  loadImageNet: () => ['/dev/null/none', workers],
  mixup: () => [key(0), batch(), { classes: 3, alpha: 1 }],
  normalize: () => [rates],
  paperAugmentation: () => ['cifar10', 'basic'],
  parseCifar10: () => [[new Uint8Array(3073)]],
  parseCifar100: () => [[new Uint8Array(3074)]],
  parseIdx: () => [idx],
  parseMat: () => [idx],
  parseSvhn: () => [idx],
  randAugment: () => [{ count: 1, magnitude: 3, fill: 0 }],
  randomErasing: () => [{ probability: 1, scale: [0.1, 0.2], ratio: [1, 2], value: 0 }],
  randomResizedCrop: () => [8, { area: [0.1, 1], aspect: [0.5, 2], flip: 0.5 }],
  reflectCrop: () => [1],
  resize: () => [8],
  slice: () => [split, 0, 2],
  symmetricLabelNoise: () => [key(0), split, 0.5, 2],
  withView: () => [split, node.resize(8)],
};

/** What the functions take that some exports give. */
const given = (name: string): readonly unknown[] | undefined => {
  if (name === 'normalize') return [new Uint8Array(3), new Float32Array(3)];
  if (name.endsWith('Batch')) return [key(0), images()];
  return [key(0), ['autoAugment', 'randAugment', 'colorJitter'].includes(name) ? bytes : image];
};

/** One argument after another, and one field of its record after another, is odd. */
function* variants(args: () => readonly unknown[]): Generator<readonly unknown[]> {
  yield [];
  for (let i = 0; i < odd().length; i += 1) {
    const whole = args();
    yield whole.map(() => odd()[i]);
    for (const [place, arg] of whole.entries()) {
      const withOdd = (value: unknown): readonly unknown[] => args().map((same, at) => (at === place ? value : same));
      yield withOdd(odd()[i]);
      if (Object.getPrototypeOf(Object(arg)) !== Object.prototype) continue;
      for (const field of Object.keys(arg as object)) yield withOdd({ ...(arg as object), [field]: odd()[i] });
    }
  }
}

type Called = (...args: readonly unknown[]) => unknown;

/** Words of the language and of libraries, which say what a program did, not what its user has to. */
const raw =
  /Cannot (read|destructure|convert|use|mix|set|perform)|is not (a function|iterable|a constructor|defined)|reading '|Invalid (typed )?array|Argument '|Received |Invalid Date/;

/** What is wrong with the way in which a call ends; a refusal of one line is right, and so is a result. */
async function complaintOf(call: () => unknown): Promise<string | undefined> {
  try {
    const result = await call();
    if (typeof (result as AsyncIterable<unknown> | undefined)?.[Symbol.asyncIterator] === 'function')
      for await (const _ of result as AsyncIterable<unknown>) break;
  } catch (error) {
    // What has to be put where, when a dataset is not there, is a list.
    const isLong = error instanceof Error && error.message.includes('\n') && !error.message.includes('on this machine');
    if (
      isLong ||
      !(error instanceof Error) ||
      raw.test(error.message) ||
      /^(Type|Range|Reference)Error$/.test(error.name)
    )
      return String(error);
  }
  return undefined;
}

async function complaints(name: string, call: Called): Promise<readonly string[]> {
  const found = new Set<string>();
  const add = async (work: () => unknown): Promise<void> => {
    const complaint = await complaintOf(work);
    if (complaint !== undefined) found.add(complaint.slice(0, 200));
  };
  const args = good[name] ?? (() => []);
  for (const some of variants(args)) await add(() => call(...some));
  const made = await Promise.resolve()
    .then(() => call(...args()))
    .catch(() => undefined);
  const next = typeof made === 'function' ? given(name) : undefined;
  if (next !== undefined) for (const some of variants(() => next)) await add(() => (made as Called)(...some));
  return [...found];
}

describe('Whatever an export is called with, it works or says in one line what it needs', () => {
  const functions = Object.entries({ ...datasets, ...node }).filter(([, value]) => typeof value === 'function');

  test('and each of them is tried', () => {
    expect(functions.map(([name]) => name).sort()).toEqual(Object.keys(good).sort());
  });

  test.each(functions)('%s', async (name, call) => {
    tf.engine().startScope();
    try {
      expect(await complaints(name, call as Called)).toEqual([]);
    } finally {
      tf.engine().endScope();
    }
  });
});
