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
