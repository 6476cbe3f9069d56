import type { Numbers } from '../program.ts';
import { at, eachIndex, fromFront, offsetOf, type References, sizeOf, tabulate } from './array.ts';

function gather(x: Numbers, indices: Numbers, axis = 0, batchDims = 0): Numbers {
  const k = fromFront(axis, x.shape.length);
  const shape = [...x.shape.slice(0, k), ...indices.shape.slice(batchDims), ...x.shape.slice(k + 1)];
  const span = indices.shape.length - batchDims;
  return tabulate(shape, x.dtype, (index) => {
    const own = at(indices, ...index.slice(0, batchDims), ...index.slice(k, k + span));
    return at(x, ...index.slice(0, k), own, ...index.slice(k + span));
  });
}

/** Adds or sets rows of a tensor of the given shape. */
function scatter(start: Numbers, indices: Numbers, updates: Numbers, set: boolean): Numbers {
  const depth = indices.shape.at(-1) as number;
  const inner = start.shape.slice(depth);
  const values = [...start.values];
  const width = sizeOf(inner);
  for (let row = 0; row < indices.values.length / depth; row++) {
    const from = offsetOf(start.shape.slice(0, depth), indices.values.slice(row * depth, (row + 1) * depth)) * width;
    for (let k = 0; k < width; k++) {
      const update = updates.values[row * width + k] as number;
      values[from + k] = set ? update : (values[from + k] as number) + update;
    }
  }
  return { ...start, values };
}

const filled = (shape: readonly number[], dtype: Numbers['dtype'], value: number): Numbers =>
  tabulate(shape, dtype, () => value);

/** What reads and writes rows that other tensors choose, and what chooses them. */
export const rowReferences: References = {
  gather,
  gatherND: (x: Numbers, indices: Numbers) => {
    const depth = indices.shape.at(-1) as number;
    const outer = indices.shape.slice(0, -1);
    return tabulate([...outer, ...x.shape.slice(depth)], x.dtype, (index) => {
      const row = offsetOf(outer, index.slice(0, outer.length));
      return at(x, ...indices.values.slice(row * depth, (row + 1) * depth), ...index.slice(outer.length));
    });
  },
  scatterND: (indices: Numbers, updates: Numbers, shape: readonly number[]) =>
    scatter(filled(shape, updates.dtype, 0), indices, updates, false),
  tensorScatterUpdate: (x: Numbers, indices: Numbers, updates: Numbers) => scatter(x, indices, updates, true),
  unsortedSegmentSum: (x: Numbers, ids: Numbers, count: number) => {
    const result = filled([count, ...x.shape.slice(1)], x.dtype, 0);
    const values = [...result.values];
    eachIndex(x.shape, (index, from) => {
      const to = offsetOf(result.shape, [ids.values[index[0] as number] as number, ...index.slice(1)]);
      values[to] = (values[to] as number) + (x.values[from] as number);
    });
    return { ...result, values };
  },
  oneHot: (ids: Numbers, depth: number, on = 1, off = 0, dtype: Numbers['dtype'] = 'int32') =>
    tabulate([...ids.shape, depth], dtype, (index) => (at(ids, ...index.slice(0, -1)) === index.at(-1) ? on : off)),
  topk: (x: Numbers, k = 1) => {
    const length = x.shape.at(-1) as number;
    const [values, places]: [number[], number[]] = [[], []];
    for (let from = 0; from < x.values.length; from += length) {
      const row = x.values.slice(from, from + length);
      const order = row.map((_, i) => i).toSorted((a, b) => (row[b] as number) - (row[a] as number) || a - b);
      for (const i of order.slice(0, k)) {
        values.push(row[i] as number);
        places.push(i);
      }
    }
    const shape = [...x.shape.slice(0, -1), k];
    return { values: { shape, dtype: x.dtype, values }, indices: { shape, dtype: 'int32' as const, values: places } };
  },
};
