import { NO_INTEGER, type SliceElsewhere, sliceRules } from '@steppe/transforms/parts';
import { leaves, map, type Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { readFloats, writeFloats } from './floats.ts';
import { joinedOf } from './joined.ts';
import { MOST_NUMBERS } from './meetings.ts';
import { type Share, sharesOf } from './shares.ts';
import type { World } from './world.ts';

/** Where the floats of all leaves travel, taken again by the next step: what is sent must not move. */
let kept = new Float32Array(new ArrayBuffer(0));

const isFloat = ({ dtype }: Tensor): boolean => dtype === 'float32';

/** A number for the names, types and shapes of all leaves, the same where they are. */
function codeOf(tree: Tree): number {
  let code = 7;
  for (const { path, leaf } of leaves(tree))
    for (const letter of `${path} ${leaf.dtype} ${leaf.shape};`) code = (code * 31 + letter.charCodeAt(0)) >>> 0;
  return code;
}

/** What a rank evaluates, and who is told of the ranks whose floats are not finite, after each exchange. */
export type Slice = SliceElsewhere & {
  readonly weight: number | undefined;
  readonly notFinite: (ranks: readonly number[]) => void;
};

/** The numbers of all ranks, one list for each, in the order of ranks. */
type Heads = readonly ArrayLike<number>[];

/** Sends what all ranks must know of each other before they send the rest: a number that is the same, and others. */
function meet(world: World, name: string, code: number, numbers: readonly number[]): Heads {
  const room = MOST_NUMBERS - 1;
  const heads = joinedOf(world).meet(name, [code, ...numbers.slice(0, room)]);
  const other = heads.findIndex(([own]) => own !== heads[0]?.[0]);
  if (other > 0)
    throw new Error(
      `${name} got trees of other names, types or shapes on rank ${other} than on rank 0: start all ranks with the same model and options.`,
    );
  const first = heads.map((head) => head.slice(1));
  if (numbers.length <= room) return first;
  const rest = Float64Array.from(numbers.slice(room));
  const all = world.allGather(new Uint8Array(rest.buffer));
  return all.map((bytes, i) => [...(first[i] ?? []), ...new Float64Array(bytes.buffer)]);
}

/** Adds the floats of all ranks, each times the factor of its group; this rank's are zeros where it has no share. */
function addFloats(
  world: World,
  groups: readonly (readonly [tensors: readonly Tensor[], factor: number])[],
  isNothing: boolean,
  notFinite: Slice['notFinite'],
): readonly Tensor[] {
  const { rank, size } = world;
  const tensors = groups.flatMap(([tensors]) => tensors);
  const length = tensors.reduce((sum, tensor) => sum + tensor.size, 0);
  // Behind the floats each rank has a place for whether its own are finite; the whole is cut into as many parts.
  const whole = size * Math.ceil((length + size) / size);
  if (kept.length < whole) kept = new Float32Array(new ArrayBuffer(4 * whole));
  const floats = kept.subarray(0, whole);
  floats.fill(0, isNothing ? 0 : length);
  let [at, isAllFinite] = [0, true];
  for (const [tensors, factor] of isNothing ? [] : groups) {
    if (!writeFloats(tensors, factor, floats.subarray(at))) isAllFinite = false;
    for (const tensor of tensors) at += tensor.size;
  }
  floats[length + rank] = isAllFinite ? 0 : 1;
  joinedOf(world).add(floats);
  const flags = floats.subarray(length, length + size);
  notFinite([...flags.keys()].filter((other) => flags[other] !== 0));
  return readFloats(
    floats,
    tensors.map(({ shape }) => shape),
  );
}

/**
 * Gives the mean over all ranks of what each has evaluated on its slice, leaf by leaf, as `microBatch` does in one
 * process: floats by their shares, from left to right; integers that agree stay.
 *
 * The floats of all leaves go in one message, behind a small one with the shares, the integers and what must be the same.
 */
export function meanOverRanks<T extends Tree>(world: World, name: string, result: T, slice: Slice): T {
  const { examples, weight } = slice;
  const all = leaves(result);
  const integers = all.filter(({ leaf }) => leaf.dtype === 'int32');
  const heads = meet(world, name, codeOf(result), [
    examples,
    weight ?? 0,
    ...integers.flatMap(({ leaf }) => [...leaf.dataSync()]),
  ]);
  const column = (i: number): readonly number[] => heads.map((head) => head[i] ?? Number.NaN);
  const shares = sharesOf(column(0), weight === undefined ? undefined : column(1));
  const own = shares[world.rank] as Share;
  const ruleOf = sliceRules(name, result, slice);

  const floats = all.filter(({ leaf }) => isFloat(leaf));
  const [means, sums] = (['mean', 'sum'] as const).map((rule) =>
    floats.filter(({ path }) => ruleOf(path) === rule),
  ) as [typeof floats, typeof floats];
  const tensorsOf = (of: typeof floats): readonly Tensor[] => of.map(({ leaf }) => leaf);
  const groups = [
    [tensorsOf(means), own.share],
    [tensorsOf(sums), 1],
  ] as const;
  const made = addFloats(world, groups, own.isNothing, slice.notFinite);
  const madeOf = new Map([...means, ...sums].map(({ path }, i) => [path, made[i] as Tensor]));

  const combine = (numbers: readonly number[], rule: 'mean' | 'sum'): number => {
    if (rule === 'sum') return numbers.reduce((sum, x, i) => (shares[i]?.isNothing ? sum : sum + x), 0);
    return numbers.every((x) => x === numbers[0]) ? (numbers[0] ?? NO_INTEGER) : NO_INTEGER;
  };
  let integer = 2;
  return map(result, (leaf, path) => {
    const float = madeOf.get(path);
    if (float !== undefined) return float;
    const values = Int32Array.from({ length: leaf.size }, (_, i) => combine(column(integer + i), ruleOf(path)));
    integer += leaf.size;
    return tf.tensor(values, leaf.shape, 'int32');
  });
}
