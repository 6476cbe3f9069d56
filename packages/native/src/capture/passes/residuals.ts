import type { Buffer, Call, Place, Recording } from '../recording.ts';
import { type Effects, effectsOf, meets } from './effects.ts';
import { stepOf } from './steps.ts';

type Sum = { readonly a: Place; readonly b: Place; readonly y: Place; readonly n: number };

const isPlace = (value: number | Place | undefined): value is Place => typeof value === 'object';
const isSame = (a: number | Place | undefined, b: number | Place | undefined): boolean =>
  isPlace(a) && isPlace(b) && a.buffer === b.buffer && a.offset === b.offset;

/** STEPPE_ADD of steppe.h. */
const addition = 0;

/** What a call adds, where it adds two whole tensors into a third. */
function sumOf(call: Call | undefined, buffers: readonly Buffer[]): Sum | undefined {
  if (call?.name !== 'steppe_binary') return undefined;
  const { op, a: [a] = [], b: [b] = [], y: [y] = [], sizes: [n = 0] = [] } = stepOf(call, buffers) ?? { y: [] };
  if (op !== addition || !a || !b || !y || y.buffer === a.buffer || y.buffer === b.buffer) return undefined;
  return { a, b, y, n };
}

/** An addition and the normalization of its sum, as one call. */
function normalized(sum: Sum, { name, arguments: given, kernel }: Call): Call | undefined {
  const [x, scale, offset, y, mean, variance, rows, channels, ...rest] = given;
  if (name !== 'steppe_norm_train' || !isSame(x, sum.y) || Number(rows) * Number(channels) !== sum.n) return undefined;
  const others = [scale, offset, y, mean, variance, rows, channels, ...rest] as (number | Place)[];
  return { name: 'steppe_norm_train_add', arguments: [sum.a, sum.b, sum.y, ...others], kernel };
}

/** The gradient of a normalization and the addition of another one to it, as one call. */
function gradient({ a, b, y, n }: Sum, { name, arguments: given, kernel }: Call): Call | undefined {
  const [dx, dscale, doffset, rows, channels] = given.slice(6, 11);
  if (name !== 'steppe_norm_train_grad' || Number(rows) * Number(channels) !== n || isSame(a, b)) return undefined;
  const other = isSame(dx, a) ? b : isSame(dx, b) ? a : undefined;
  if (!other) return undefined;
  const results = [other, y, dscale, doffset] as (number | Place)[];
  return {
    name: 'steppe_norm_train_grad_add',
    arguments: [...given.slice(0, 6), ...results, ...given.slice(9)],
    kernel,
  };
}

/** Whether two calls may not change places. */
const areBound = (one: Effects, other: Effects): boolean =>
  meets(one.writes, other.reads) || meets(one.writes, other.writes) || meets(one.reads, other.writes);

/**
 * Adds residuals where they are read or written anyway: the normalization of a sum makes the sum on its way, and its
 * gradient adds the one that came around it. The bits stay the same.
 *
 * @param kept - The buffers that are given back.
 */
export function withResiduals({ calls, buffers }: Recording, kept: readonly number[]): Recording {
  const effects = calls.map((call) => effectsOf(call, buffers));
  const merged = new Map<number, Call | undefined>();
  const uses = new Map<number, number>();
  for (const { reads, writes } of effects)
    for (const buffer of new Set([...reads, ...writes])) uses.set(buffer, (uses.get(buffer) ?? 0) + 1);
  /** Whether nothing between two calls is bound to the first, which then may be made with the second. */
  const isFree = (first: number, second: number): boolean =>
    effects.slice(first + 1, second).every((between) => !areBound(effects[first] as Effects, between));
  const merge = (first: number, second: number, call: Call | undefined): void => {
    if (!call || merged.has(first) || merged.has(second) || !isFree(first, second)) return;
    merged.set(first, undefined).set(second, call);
  };
  /** Which call wrote a buffer last. */
  const writers = new Map<number, number>();
  for (const [at, call] of calls.entries()) {
    const [x] = call.arguments;
    const writer = (place: number | Place | undefined): number =>
      isPlace(place) ? (writers.get(place.buffer) ?? -1) : -1;
    const before = sumOf(calls[writer(x)], buffers);
    if (before) merge(writer(x), at, normalized(before, call));
    const sum = sumOf(call, buffers);
    for (const operand of sum ? [sum.a, sum.b] : []) {
      const from = calls[writer(operand)];
      // The gradient by itself is not written then.
      const isOnlyHere = uses.get(operand.buffer) === 2 && !kept.includes(operand.buffer);
      if (sum && from && isOnlyHere) merge(writer(operand), at, gradient(sum, from));
    }
    for (const buffer of effects[at]?.writes ?? []) writers.set(buffer, at);
  }
  return { calls: calls.flatMap((call, at) => (merged.has(at) ? (merged.get(at) ?? []) : call)), buffers };
}
