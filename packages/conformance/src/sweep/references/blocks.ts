import type { Numbers } from '../program.ts';
import { at, type References, sizeOf, tabulate } from './array.ts';
import { reshape, slice, transpose } from './movements.ts';

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

function depthToSpace(x: Numbers, block: number, format: 'NHWC' | 'NCHW' = 'NHWC'): Numbers {
  if (format === 'NCHW') return transpose(depthToSpace(transpose(x, [0, 2, 3, 1]), block), [0, 3, 1, 2]);
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const depth = c / block / block;
  const opened = reshape(x, [n, h, w, block, block, depth]);
  return reshape(transpose(opened, [0, 1, 3, 2, 4, 5]), [n, h * block, w * block, depth]);
}

/** What surrounds a tensor, and what goes between its blocks and its depth. */
export const blockReferences: References = {
  pad,
  mirrorPad,
  batchToSpaceND: batchToSpace,
  spaceToBatchND: spaceToBatch,
  depthToSpace,
};
