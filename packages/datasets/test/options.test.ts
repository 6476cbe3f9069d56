import { expect, test } from 'vitest';
import { batches, fromIdx, normalizations, type Split } from '../src/index.ts';
import { loadDataset } from '../src/node/index.ts';

const split: Split = {
  images: new Uint8Array(4),
  labels: new Uint8Array(1),
  shape: [2, 2, 1],
  normalization: normalizations.fashionMnist,
};

test('An option that there is not is refused with the one that was meant', async () => {
  const wrong: object = { shuffel: true };
  expect(() => batches(split, { batchSize: 1, ...wrong })).toThrow(
    'batches has no option "shuffel": did you mean "shuffle"?',
  );
  const other: object = { class: 2 };
  expect(() => fromIdx(new Uint8Array(), new Uint8Array(), other)).toThrow(
    'fromIdx has no option "class": did you mean "classes"?',
  );
  const third: object = { downlaod: true };
  await expect(loadDataset('fashion-mnist-mini', third)).rejects.toThrow(
    'loadDataset has no option "downlaod": did you mean "download"?',
  );
});

test.each<[object, string]>([
  [{ classes: '10' }, 'classes must be a number, got "10".'],
  [{ classes: 0 }, 'classes must be a whole number from 1 to 256, got 0.'],
  [{ classes: 1000 }, 'classes must be a whole number from 1 to 256, got 1000.'],
  [{ classes: Number.NaN }, 'classes must be a whole number from 1 to 256, got NaN.'],
  [{ firstLabel: 0.5 }, 'firstLabel must be a whole number, got 0.5.'],
  [{ firstLabel: true }, 'firstLabel must be a number, got true.'],
  [{ transposed: 'yes' }, 'transposed must be true or false, got "yes".'],
  [{ normalization: 'mnist' }, 'normalization must be two lists of numbers, { mean, std }, got "mnist".'],
  [{ normalization: { mean: [0.1], std: [0] } }, 'A standard deviation must be positive and finite, got 0.'],
])('fromIdx refuses %o', (options, message) => {
  const images = Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 7]);
  const labels = Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 1, 0]);
  expect(() => fromIdx(images, labels, options as never)).toThrow(message);
  expect(fromIdx(images, labels, { classes: 1, firstLabel: 0, transposed: true }).labels).toEqual(Uint8Array.of(0));
});
