import { ioCallback, type Run } from '@steppe/kernels';
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

/** What a rank evaluates, and a scalar that it weighs. */
export type Slice = SliceElsewhere & { readonly weight: Tensor | undefined };

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
  notFinite: (ranks: readonly number[]) => void,
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

/** What ranks know of what they are about to exchange, beside its tensors. */
type About = {
  /** Of the names, types and shapes of all leaves. */
  readonly code: number;
  readonly examples: number;
  /** Whether the weight of this rank's slice stands behind the leaves. */
  readonly isWeighted: boolean;
  /** What becomes of each leaf, or why nothing does. */
  readonly rules: readonly ('mean' | 'sum')[] | string;
};

/** Averages what the ranks of a world have, by a call that stays the same while they train. */
export type Exchange = { readonly name: string; readonly run: Run<About> };

/** Makes the exchange of one link; `notFinite` is told of the ranks whose floats are not finite, after each. */
export function exchangeOf(world: World, name: string, notFinite: (ranks: readonly number[]) => void): Exchange {
  const run = (tensors: readonly Tensor[], { code, examples, isWeighted, rules }: About): readonly Tensor[] => {
    const all = isWeighted ? tensors.slice(0, -1) : tensors;
    const weight = isWeighted ? tensors.at(-1)?.dataSync()[0] : undefined;
    const integers = all.filter(({ dtype }) => dtype === 'int32');
    const numbers = [examples, weight ?? 0, ...integers.flatMap((leaf) => [...leaf.dataSync()])];
    const heads = meet(world, name, code, numbers);
    if (typeof rules === 'string') throw new Error(rules);
    const column = (i: number): readonly number[] => heads.map((head) => head[i] ?? Number.NaN);
    const shares = sharesOf(column(0), isWeighted ? column(1) : undefined);
    const own = shares[world.rank] as Share;
    const [means, sums] = (['mean', 'sum'] as const).map((rule) =>
      all.filter((leaf, i) => isFloat(leaf) && rules[i] === rule),
    ) as [Tensor[], Tensor[]];
    const groups = [
      [means, own.share],
      [sums, 1],
    ] as const;
    const made = addFloats(world, groups, own.isNothing, notFinite);
    const [meansMade, sumsMade] = [made.slice(0, means.length).values(), made.slice(means.length).values()];
    const combine = (column: readonly number[], rule: 'mean' | 'sum' | undefined): number => {
      if (rule === 'sum') return column.reduce((sum, x, i) => (shares[i]?.isNothing ? sum : sum + x), 0);
      return column.every((x) => x === column[0]) ? (column[0] ?? NO_INTEGER) : NO_INTEGER;
    };
    let integer = 2;
    return all.map((leaf, i) => {
      const rule = rules[i];
      if (isFloat(leaf)) return (rule === 'sum' ? sumsMade : meansMade).next().value as Tensor;
      const values = Int32Array.from({ length: leaf.size }, (_, j) => combine(column(integer + j), rule));
      integer += leaf.size;
      return tf.tensor(values, leaf.shape, 'int32');
    });
  };
  return { name, run };
}

/** The rules of all leaves, or what is wrong with them: the ranks are told so when they meet, where one has others. */
function rulesOf(name: string, result: Tree, slice: Slice): About['rules'] {
  try {
    const ruleOf = sliceRules(name, result, slice);
    return leaves(result).map(({ path }) => ruleOf(path));
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * Gives the mean over all ranks of what each has evaluated on its slice, leaf by leaf, as `microBatch` does in one
 * process: floats by their shares, from left to right; integers that agree stay.
 *
 * The floats of all leaves go in one message, behind a small one with the shares, the integers and what must be the same.
 * A step that is captured makes it at each replay.
 */
export function meanOverRanks<T extends Tree>({ name, run }: Exchange, result: T, slice: Slice): T {
  const { examples, weight } = slice;
  const tensors = leaves(result).map(({ leaf }) => leaf);
  const about = {
    code: codeOf(result),
    examples,
    isWeighted: weight !== undefined,
    rules: rulesOf(name, result, slice),
  };
  const inputs = weight === undefined ? tensors : [...tensors, weight];
  const means = ioCallback({ name, run, inputs, about, results: tensors }).values();
  return map(result, () => means.next().value as Tensor);
}
