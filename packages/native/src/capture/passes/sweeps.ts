import type { Buffer, Call, Place, Recording } from '../recording.ts';
import { type Effects, effectsOf, leafWords } from './effects.ts';
import { groupsOf } from './groups.ts';
import { columnsIn, normalizing, type Step, stepOf, textOf } from './steps.ts';

/** STEPPE_SWEEP_SLOTS of steppe.h. */
const mostSlots = 8;

type Piece = { readonly call: Call; readonly step?: Step | undefined };

/** One call that runs steps in their order; the columns that `passes` says have no memory. */
function sweepOf(
  steps: readonly Step[],
  buffers: Buffer[],
  { kernel }: Call,
  passes: (column: string) => boolean = () => false,
): Call {
  const columns = columnsIn(steps);
  const texts = [...columns.keys()];
  const passing = texts.filter(passes).slice(0, mostSlots);
  const table = (words: readonly (number | Place)[]): Place => {
    buffers.push({ kind: 'table', bytes: words.length * 8, words });
    return { buffer: buffers.length - 1, offset: 0 };
  };
  const numberOf = (column: Step['a']): number => texts.indexOf(textOf(column));
  const list = steps.map(({ kind, op, a, b, y, number = 0 }) => [kind, op, ...[a, b, y].map(numberOf), number]);
  const sizes = steps[0]?.sizes ?? [];
  const placesOf = (leaf: number): (number | Place)[] =>
    texts.map((text) => (passing.includes(text) ? 0 : (columns.get(text)?.[leaf] ?? 0)));
  const leaves = sizes.map((size, i) => [size, ...placesOf(i)]);
  const given = [table(list.flat()), steps.length, table(leaves.flat()), sizes.length, texts.length];
  return { name: 'steppe_sweep', arguments: given, kernel };
}

/** The leaves of a call without those that it writes. */
function readOnly({ arguments: [table] }: Call, buffers: readonly Buffer[]): Buffer {
  const leaves = typeof table === 'object' ? buffers[table.buffer] : undefined;
  const words = leaves?.kind === 'table' ? leaves.words : [];
  return { kind: 'table', bytes: words.length * 8, words: words.map((word, i) => (i % leafWords < 4 ? word : 0)) };
}

const touches = ({ a = [], b = [], y, number }: Step): Effects => ({
  reads: new Set([...a, ...b, ...(number ? [number] : [])].map(({ buffer }) => buffer)),
  writes: new Set(y.map(({ buffer }) => buffer)),
  isKnown: true,
});

/** The step of each call. A normalization is two pieces: its norm, and then a step. */
function piecesOf(calls: readonly Call[], buffers: Buffer[]): readonly Piece[] {
  return calls.flatMap((call): Piece[] => {
    const factor = { buffer: buffers.length, offset: 0 };
    const scaling = normalizing(call, buffers, factor);
    if (!scaling) return [{ call, step: stepOf(call, buffers) }];
    const leaves = { buffer: factor.buffer + 1, offset: 0 };
    buffers.push({ kind: 'internal', bytes: 64 }, readOnly(call, buffers));
    const norm: Call = { ...call, name: 'steppe_tree_factor', arguments: [leaves, ...call.arguments.slice(1), factor] };
    return [{ call: norm }, { call: sweepOf([scaling], buffers, call), step: scaling }];
  });
}

/** The columns that are written before they are read. */
function madeIn(steps: readonly Step[]): ReadonlySet<string> {
  const [made, read] = [new Set<string>(), new Set<string>()];
  for (const { a, b, y } of steps) {
    for (const column of [a, b]) if (!made.has(textOf(column))) read.add(textOf(column));
    if (!read.has(textOf(y))) made.add(textOf(y));
  }
  return made;
}

/**
 * Runs elementwise operations that feed each other in one loop over memory each: chains of them on one tensor, and a
 * whole tree's update or its ascent to w + ê. The bits stay the same.
 *
 * @param kept - The buffers that are given back.
 */
export function inSweeps({ calls, buffers: given }: Recording, kept: readonly number[]): Recording {
  const buffers = [...given];
  const pieces = piecesOf(calls, buffers);
  const items = pieces.map(({ call, step }) => ({ effects: step ? touches(step) : effectsOf(call, buffers), step }));
  const users = new Map<number, Set<number>>();
  for (const [at, { effects }] of items.entries())
    for (const buffer of [...effects.reads, ...effects.writes])
      users.set(buffer, (users.get(buffer) ?? new Set()).add(at));
  const swept = new Map<number, Call | undefined>();
  for (const members of groupsOf(items)) {
    const steps = members.flatMap((at) => pieces[at]?.step ?? []);
    const [columns, made] = [columnsIn(steps), madeIn(steps)];
    const isPassing = ({ buffer }: Place): boolean =>
      buffers[buffer]?.kind === 'internal' &&
      !kept.includes(buffer) &&
      [...(users.get(buffer) ?? [])].every((at) => members.includes(at));
    const passes = (text: string): boolean => made.has(text) && (columns.get(text) ?? []).every(isPassing);
    const last = members.at(-1) ?? 0;
    for (const at of members) swept.set(at, undefined);
    swept.set(last, sweepOf(steps, buffers, pieces[last]?.call ?? (calls[0] as Call), passes));
  }
  return { calls: pieces.flatMap(({ call }, at) => (swept.has(at) ? (swept.get(at) ?? []) : call)), buffers };
}
