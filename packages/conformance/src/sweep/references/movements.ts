import type { Numbers } from '../program.ts';
import { at, eachIndex, fromFront, offsetOf, type References, sizeOf, tabulate } from './array.ts';

const withAxis = (index: readonly number[], k: number, value: number): number[] => [
  ...index.slice(0, k),
  value,
  ...index.slice(k + 1),
];

const sized = (shape: readonly number[], k: number, side: number): number[] => withAxis(shape, k, side);

function concat(xs: readonly Numbers[], axis = 0): Numbers {
  const first = xs[0] as Numbers;
  const k = fromFront(axis, first.shape.length);
  const side = xs.reduce((total, { shape }) => total + (shape[k] as number), 0);
  return tabulate(sized(first.shape, k, side), first.dtype, (index) => {
    let place = index[k] as number;
    const x = xs.find(({ shape }) => {
      if (place < (shape[k] as number)) return true;
      place -= shape[k] as number;
      return false;
    }) as Numbers;
    return at(x, ...withAxis(index, k, place));
  });
}

const slice = (x: Numbers, begin: readonly number[], sizes: readonly number[]): Numbers =>
  tabulate(
    sizes.map((n, k) => (n === -1 ? (x.shape[k] as number) - (begin[k] as number) : n)),
    x.dtype,
    (index) => at(x, ...index.map((i, k) => i + (begin[k] as number))),
  );

function split(x: Numbers, parts: number | readonly number[], axis = 0): Numbers[] {
  const k = fromFront(axis, x.shape.length);
  const sides =
    typeof parts === 'number' ? Array.from({ length: parts }, () => (x.shape[k] as number) / parts) : [...parts];
  let from = 0;
  return sides.map((side) => {
    const begin = x.shape.map((_, i) => (i === k ? from : 0));
    from += side;
    return slice(x, begin, sized(x.shape, k, side));
  });
}

function stridedSlice(
  x: Numbers,
  begin: readonly number[],
  end: readonly number[],
  strides: readonly number[],
  beginMask = 0,
  endMask = 0,
  _ellipsis = 0,
  _newAxis = 0,
  shrinkMask = 0,
): Numbers {
  const lists = x.shape.map((side, k) => {
    if (k >= begin.length) return Array.from({ length: side }, (_, i) => i);
    const step = strides[k] as number;
    const clamp = (v: number): number =>
      step > 0 ? Math.min(Math.max(v, 0), side) : Math.min(Math.max(v, -1), side - 1);
    const place = (v: number): number => clamp(v < 0 ? v + side : v);
    if (shrinkMask & (1 << k)) return [fromFront(begin[k] as number, side)];
    const first = beginMask & (1 << k) ? (step > 0 ? 0 : side - 1) : place(begin[k] as number);
    const last = endMask & (1 << k) ? (step > 0 ? side : -1) : place(end[k] as number);
    const list: number[] = [];
    for (let i = first; step > 0 ? i < last : i > last; i += step) list.push(i);
    return list;
  });
  const whole = tabulate(
    lists.map(({ length }) => length),
    x.dtype,
    (index) => at(x, ...index.map((i, k) => lists[k]?.[i] as number)),
  );
  return { ...whole, shape: whole.shape.filter((_, k) => !(shrinkMask & (1 << k))) };
}

function gather(x: Numbers, indices: Numbers, axis = 0, batchDims = 0): Numbers {
  const k = fromFront(axis, x.shape.length);
  const shape = [...x.shape.slice(0, k), ...indices.shape.slice(batchDims), ...x.shape.slice(k + 1)];
  const span = indices.shape.length - batchDims;
  return tabulate(shape, x.dtype, (index) => {
    const own = at(indices, ...index.slice(0, batchDims), ...index.slice(k, k + span));
    return at(x, ...index.slice(0, k), own, ...index.slice(k + span));
  });
}

function pad(x: Numbers, paddings: readonly (readonly [number, number])[], value = 0): Numbers {
  const shape = x.shape.map((side, k) => side + (paddings[k]?.[0] as number) + (paddings[k]?.[1] as number));
  return tabulate(shape, x.dtype, (index) => {
    const from = index.map((i, k) => i - (paddings[k]?.[0] as number));
    return from.every((i, k) => i >= 0 && i < (x.shape[k] as number)) ? at(x, ...from) : value;
  });
}

function mirrorPad(
  x: Numbers,
  paddings: readonly (readonly [number, number])[],
  mode: 'reflect' | 'symmetric',
): Numbers {
  const shape = x.shape.map((side, k) => side + (paddings[k]?.[0] as number) + (paddings[k]?.[1] as number));
  const skip = mode === 'reflect' ? 1 : 0;
  return tabulate(shape, x.dtype, (index) =>
    at(
      x,
      ...index.map((i, k) => {
        const [side, place] = [x.shape[k] as number, i - (paddings[k]?.[0] as number)];
        if (place < 0) return -place - 1 + skip;
        return place >= side ? 2 * side - place - 1 - skip : place;
      }),
    ),
  );
}

function transpose(x: Numbers, order: readonly number[] = x.shape.map((_, k) => x.shape.length - 1 - k)): Numbers {
  const axes = order.map((k) => fromFront(k, x.shape.length));
  return tabulate(
    axes.map((k) => x.shape[k] as number),
    x.dtype,
    (index) => {
      const from = x.shape.map(() => 0);
      for (const [k, axis] of axes.entries()) from[axis] = index[k] as number;
      return at(x, ...from);
    },
  );
}

const reshape = (x: Numbers, shape: readonly number[]): Numbers => ({ ...x, shape: [...shape] });

function batchToSpace(x: Numbers, block: readonly number[], crops: readonly (readonly [number, number])[]): Numbers {
  const [n, m] = [x.shape[0] as number, block.length];
  const batch = n / sizeOf(block);
  const opened = reshape(x, [...block, batch, ...x.shape.slice(1)]);
  const order = [m, ...block.flatMap((_, k) => [m + 1 + k, k]), ...x.shape.slice(m + 1).map((_, k) => 2 * m + 1 + k)];
  const spatial = block.map((b, k) => b * (x.shape[k + 1] as number));
  const closed = reshape(transpose(opened, order), [batch, ...spatial, ...x.shape.slice(m + 1)]);
  const begin = [0, ...crops.map(([a]) => a), ...x.shape.slice(m + 1).map(() => 0)];
  const sizes = [
    batch,
    ...spatial.map((s, k) => s - (crops[k]?.[0] as number) - (crops[k]?.[1] as number)),
    ...x.shape.slice(m + 1),
  ];
  return slice(closed, begin, sizes);
}

function spaceToBatch(x: Numbers, block: readonly number[], paddings: readonly (readonly [number, number])[]): Numbers {
  const m = block.length;
  const rest = x.shape.slice(m + 1);
  const padded = pad(x, [[0, 0], ...paddings, ...rest.map(() => [0, 0] as const)]);
  const opened = reshape(padded, [
    x.shape[0] as number,
    ...block.flatMap((b, k) => [(padded.shape[k + 1] as number) / b, b]),
    ...rest,
  ]);
  const order = [
    ...block.map((_, k) => 2 * k + 2),
    0,
    ...block.map((_, k) => 2 * k + 1),
    ...rest.map((_, k) => 2 * m + 1 + k),
  ];
  const moved = transpose(opened, order);
  return reshape(moved, [
    (x.shape[0] as number) * sizeOf(block),
    ...block.map((b, k) => (padded.shape[k + 1] as number) / b),
    ...rest,
  ]);
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

function depthToSpace(x: Numbers, block: number, format: 'NHWC' | 'NCHW' = 'NHWC'): Numbers {
  if (format === 'NCHW') return transpose(depthToSpace(transpose(x, [0, 2, 3, 1]), block), [0, 3, 1, 2]);
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const depth = c / block / block;
  const opened = reshape(x, [n, h, w, block, block, depth]);
  return reshape(transpose(opened, [0, 1, 3, 2, 4, 5]), [n, h * block, w * block, depth]);
}

export const movementReferences: References = {
  concat,
  slice,
  split,
  stridedSlice,
  gather,
  pad,
  mirrorPad,
  transpose,
  reshape,
  batchToSpaceND: batchToSpace,
  spaceToBatchND: spaceToBatch,
  stack: (xs: readonly Numbers[], axis = 0) => {
    const k = fromFront(axis, (xs[0] as Numbers).shape.length + 1);
    return concat(
      xs.map((x) => reshape(x, [...x.shape.slice(0, k), 1, ...x.shape.slice(k)])),
      k,
    );
  },
  unstack: (x: Numbers, axis = 0) => {
    const k = fromFront(axis, x.shape.length);
    return split(x, x.shape[k] as number, k).map((part) =>
      reshape(
        part,
        part.shape.filter((_, i) => i !== k),
      ),
    );
  },
  tile: (x: Numbers, reps: readonly number[]) =>
    tabulate(
      x.shape.map((side, k) => side * (reps[k] as number)),
      x.dtype,
      (index) => at(x, ...index.map((i, k) => i % (x.shape[k] as number))),
    ),
  broadcastTo: (x: Numbers, shape: readonly number[]) => {
    const skip = shape.length - x.shape.length;
    return tabulate(shape, x.dtype, (index) =>
      at(x, ...x.shape.map((side, k) => (side === 1 ? 0 : (index[k + skip] as number)))),
    );
  },
  expandDims: (x: Numbers, axis = 0) => {
    const k = fromFront(axis, x.shape.length + 1);
    return reshape(x, [...x.shape.slice(0, k), 1, ...x.shape.slice(k)]);
  },
  squeeze: (x: Numbers, axes?: readonly number[]) =>
    reshape(
      x,
      x.shape.filter((side, k) => side !== 1 || (axes && !axes.map((a) => fromFront(a, x.shape.length)).includes(k))),
    ),
  reverse: (x: Numbers, axis?: number | readonly number[]) => {
    const axes = (axis === undefined ? x.shape.map((_, k) => k) : [axis].flat()).map((k) =>
      fromFront(k as number, x.shape.length),
    );
    return tabulate(x.shape, x.dtype, (index) =>
      at(x, ...index.map((i, k) => (axes.includes(k) ? (x.shape[k] as number) - 1 - i : i))),
    );
  },
  depthToSpace,
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
