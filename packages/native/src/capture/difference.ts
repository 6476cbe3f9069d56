import { isDeepStrictEqual } from 'node:util';
import type { Buffer, Place, Recalled, Recording } from './recording.ts';
import type { Take } from './take.ts';

/** Pairs the buffers of two recordings, which have other numbers where one of them did more on the way. */
type Pairs = {
  /** What differs between two buffers that should be the same, in words. */
  readonly of: (a: number, b: number) => string | undefined;
  /** Whether two arguments are the same number, or the same place in buffers that are. */
  readonly same: (a: number | Place | undefined, b: number | Place | undefined) => boolean;
};

/** Whether two lists are the same. Some hold a few thousand numbers: hence the loop. */
function sameList<T>(a: ArrayLike<T>, b: ArrayLike<T>, same: (a: T | undefined, b: T | undefined) => boolean): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!same(a[i], b[i])) return false;
  return true;
}

function pairsOf({ buffers: first }: Recording, { buffers: second }: Recording): Pairs {
  const partners = new Map<number, number>();
  const taken = new Set<number>();
  const difference = (a: Buffer, b: Buffer): string | undefined => {
    if (a.kind !== b.kind || a.bytes !== b.bytes) return 'it makes tensors of other sizes';
    if (a.kind === 'outside' && b.kind === 'outside' && a.tensor.dataId !== b.tensor.dataId)
      return `it reads a tensor of [${a.tensor.shape}] that is none of its inputs, and each time another one: pass it in`;
    if (a.kind === 'constant' && b.kind === 'constant' && !sameList(a.values, b.values, Object.is))
      return `it makes a tensor of ${a.bytes} bytes from numbers of the host that change (tf.scalar, tf.tensor or tf.random*): pass in a tensor of them`;
    if (a.kind === 'table' && b.kind === 'table' && !sameList(a.words, b.words, same))
      return 'it hands other tensors to a kernel over a whole tree';
    if (a.kind === 'numbers' && b.kind === 'numbers' && !sameList(a.numbers, b.numbers, Object.is))
      return 'a kernel gets other shapes or strides';
    return undefined;
  };
  const of = (a: number, b: number): string | undefined => {
    const partner = partners.get(a);
    if (partner !== undefined) return partner === b ? undefined : 'it uses another tensor';
    if (taken.has(b)) return 'it uses another tensor';
    partners.set(a, b);
    taken.add(b);
    return difference(first[a] ?? none, second[b] ?? none);
  };
  function same(a: number | Place | undefined, b: number | Place | undefined): boolean {
    if (typeof a !== 'object' || typeof b !== 'object') return Object.is(a, b);
    return a.offset === b.offset && of(a.buffer, b.buffer) === undefined;
  }
  return { of, same };
}

/** Whether two callbacks do the same with the same tensors. */
function sameCallback({ run, ...first }: Recalled, { run: other, ...second }: Recalled): boolean {
  return run === other && isDeepStrictEqual(first, second);
}

/** What differs between the calls of two recordings, in words. */
function differentCalls({ calls: first }: Recording, { calls: second }: Recording, { of, same }: Pairs) {
  for (let i = 0; i < Math.max(first.length, second.length); i++) {
    const [a, b] = [first[i], second[i]];
    if (!a || !b) return `it runs ${first.length} kernels, then ${second.length}`;
    const { kernel, name } = a;
    if (name !== b.name || kernel.name !== b.kernel.name) return `kernel ${i} is ${kernel.name}, then ${b.kernel.name}`;
    if (a.callback && b.callback && !sameCallback(a.callback, b.callback)) return `${kernel.name} does something else`;
    for (let at = 0; at < a.arguments.length; at++) {
      const [place, other] = [a.arguments[at], b.arguments[at]];
      const what = typeof place === 'object' && typeof other === 'object' ? of(place.buffer, other.buffer) : undefined;
      if (what) return `${what} (for ${kernel.name})`;
      if (!same(place, other)) return `${kernel.name} gets a number or a place that changes`;
    }
  }
  return undefined;
}

/** What differs between what two takes give, in words. */
function differentResults(a: Take, b: Take, { of, same }: Pairs): string | undefined {
  if (a.signature !== b.signature) return 'its result has another structure, or other plain values';
  for (const [i, output] of a.outputs.entries()) {
    const what = of(output.buffer, b.outputs[i]?.buffer ?? -1);
    if (what) return `${what} (in its result)`;
  }
  const isCounted = sameList(a.nextCounts, b.nextCounts, (one, other) =>
    typeof one === 'object' && typeof other === 'object'
      ? one.input === other.input && one.more === other.more
      : Object.is(one, other),
  );
  if (!isCounted) return 'it gives back other counts of steps';
  const isSame = a.nextKeys.every((key, i) => {
    const other = b.nextKeys[i];
    if (typeof key === 'object' && typeof other === 'object') return sameList(key, other, Object.is);
    return (
      typeof key === 'number' &&
      typeof other === 'number' &&
      same({ buffer: key, offset: 0 }, { buffer: other, offset: 0 })
    );
  });
  return isSame ? undefined : 'it gives back other random keys';
}

/** What differs between two takes of one function, in words; `undefined` where it does the same again. */
export function difference(a: Take, b: Take): string | undefined {
  const pairs = pairsOf(a.recording, b.recording);
  const given = [a.inputs, b.inputs, a.keys, b.keys];
  for (const [i, input] of a.inputs.entries()) pairs.of(input, b.inputs[i] ?? -1);
  for (const [i, key] of a.keys.entries()) pairs.of(key, b.keys[i] ?? -1);
  if (given[0]?.length !== given[1]?.length || given[2]?.length !== given[3]?.length)
    return 'it is given other tensors';
  return differentCalls(a.recording, b.recording, pairs) ?? differentResults(a, b, pairs);
}

const none: Buffer = { kind: 'internal', bytes: 0 };
