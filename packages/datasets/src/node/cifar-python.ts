import type { CifarRecords } from '../cifar.ts';
import { type Pickled, parsePickle } from './pickle.ts';

const pixels = 3072;

const isNumbers = (value: Pickled | undefined): value is readonly number[] =>
  Array.isArray(value) && value.every((x) => typeof x === 'number');

/**
 * Reads a file of CIFAR's Python version: a pickled dictionary of `data`, bytes of count x 3072, and lists of labels.
 *
 * @param parse - Reads the same images in the binary version: records of label bytes and pixels.
 * @param labelNames - The lists whose numbers are the label bytes of a record.
 */
export function parsePython(
  file: Uint8Array,
  parse: (bytes: Uint8Array) => CifarRecords,
  labelNames: readonly string[],
): CifarRecords {
  const dict = parsePickle(file);
  const data = dict.get('data');
  if (
    typeof data !== 'object' ||
    data === null ||
    !('dims' in data) ||
    data.dims.length !== 2 ||
    data.dims[1] !== pixels
  )
    throw new Error('A pickle of CIFAR holds "data", bytes of count x 3072: it is another file.');
  const [count = 0] = data.dims;
  const lists = labelNames.map((name) => {
    const labels = dict.get(name);
    if (!isNumbers(labels) || labels.length !== count)
      throw new Error(`A pickle of CIFAR holds "${name}", a list of ${count} numbers: it is another file.`);
    return labels;
  });
  const record = lists.length + pixels;
  const records = new Uint8Array(count * record);
  for (let i = 0; i < count; i += 1) {
    for (const [l, labels] of lists.entries()) records[i * record + l] = labels[i] as number;
    records.set(data.data.subarray(i * pixels, (i + 1) * pixels), i * record + lists.length);
  }
  return parse(records);
}
