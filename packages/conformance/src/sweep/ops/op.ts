import type { Argument, Numbers } from '../program.ts';
import type { Stream } from '../stream.ts';

/** A family of random programs: calls of one operation. */
export type Op = {
  /** Its arguments; undefined where a draw came to none that is legal. */
  readonly draw: (s: Stream) => readonly Argument[] | undefined;
  /** The operation's name in tfjs, where the family has another. */
  readonly call?: string;
  /** How errors are taken: relative to each entry, or to the largest of the tensor where entries are sums. */
  readonly error?: 'entry' | 'tensor';
  /** The largest error allowed. */
  readonly tolerance?: number;
  /** An error that is allowed however small the numbers are. */
  readonly floor?: number;
  /** Whether it may be refused where it gives no number: a window larger than the image. */
  readonly windows?: boolean;
  /** Whether it has a gradient for its float32 tensors. */
  readonly gradient?: boolean;
};

export type Ops = { readonly [name: string]: Op };

export const times = <Item>(count: number, item: (k: number) => Item): Item[] =>
  Array.from({ length: count }, (_, k) => item(k));

/** An activation of a fused operation. */
export function activation(s: Stream): { [name: string]: Argument } {
  const name = s.pick(['linear', 'relu', 'relu6', 'sigmoid', 'elu', 'leakyrelu']);
  return { activation: name, ...(name === 'leakyrelu' ? { leakyreluAlpha: 0.25 } : {}) };
}

/** Two shapes that broadcast, of different ranks half of the time. */
export function broadcastable(s: Stream, low = 0, high = 4): [number[], number[]] {
  const full = s.shape(low, high, 3);
  const part = (): number[] => {
    const own = full.map((side) => (s.chance(0.25) ? 1 : side));
    return s.chance(0.4) ? own.slice(s.int(0, own.length)) : own;
  };
  return s.chance(0.3) ? [full, part()] : s.chance(0.4) ? [part(), full] : [part(), part()];
}

/** One of float32 or int32. */
export const number = (s: Stream, shape: readonly number[]): Numbers =>
  s.chance(0.75) ? s.reals(shape) : s.ints(shape, -9, 9);

/** An axis counted from the front. */
export const front = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** The axes of a rank in any order. */
export const order = (s: Stream, rank: number): number[] => {
  const rest = times(rank, (k) => k);
  return times(rank, () => rest.splice(s.int(0, rest.length - 1), 1)[0] as number);
};
