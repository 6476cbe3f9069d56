import type { Buffer, Call, Place } from '../recording.ts';
import { leafWords } from './effects.ts';

/** The kinds of steps of `steppe_sweep`, in the order of STEPPE_SWEEP_UNARY and what follows it in steppe.h. */
const kinds = ['unary', 'binary', 'scale', 'scale by a double', 'add scaled'] as const;

/** The places of one operand of a step: for each leaf one. */
export type Column = readonly Place[];

/** What a call computes element by element, as `steppe_sweep_step` of steppe.h says it. */
export type Step = {
  readonly kind: number;
  readonly op: number;
  /** How many elements each leaf has, none of them empty. */
  readonly sizes: readonly number[];
  /** Without a column, `number` is taken for all elements. */
  readonly a?: Column | undefined;
  readonly b?: Column | undefined;
  readonly y: Column;
  readonly number?: Place | undefined;
};

/** A column in words: two are the same where these are. */
export function textOf(column: Column | undefined): string {
  if (!column) return '';
  let text = texts.get(column);
  if (text === undefined) {
    text = column.map(({ buffer, offset }) => `${buffer}+${offset}`).join();
    texts.set(column, text);
  }
  return text;
}
// Each is asked for many times, and those of a whole tree are long.
const texts = new WeakMap<Column, string>();

/** The columns of steps by their text, each once, as they come first. */
export function columnsIn(steps: readonly Step[]): ReadonlyMap<string, Column> {
  const columns = new Map<string, Column>();
  for (const { a, b, y } of steps) for (const column of [a, b, y]) if (column) columns.set(textOf(column), column);
  return columns;
}

const kind = (name: (typeof kinds)[number]): number => kinds.indexOf(name);
const [float32, firstQuestion, firstBinaryQuestion] = [0, 38, 16];

const isPlace = (value: number | Place | undefined): value is Place => typeof value === 'object';

function unary([op, type, x, y, n, alpha, beta]: Call['arguments']): Step | undefined {
  if (typeof op !== 'number' || typeof n !== 'number' || !isPlace(x) || !isPlace(y)) return undefined;
  if (type !== float32 || op >= firstQuestion || n === 0 || alpha !== 0 || beta !== 0) return undefined;
  return { kind: kind('unary'), op, sizes: [n], a: [x], y: [y] };
}

function binary([op, type, a, b, y, rank, layout]: Call['arguments'], buffers: readonly Buffer[]): Step | undefined {
  if (typeof op !== 'number' || !isPlace(a) || !isPlace(b) || !isPlace(y) || !isPlace(layout)) return undefined;
  const numbers = buffers[layout.buffer];
  if (type !== float32 || op >= firstBinaryQuestion || rank !== 1 || numbers?.kind !== 'numbers') return undefined;
  const [n = 0, strideA, strideB] = numbers.numbers;
  if (n === 0 || (strideA === 0 && strideB === 0)) return undefined;
  const step = { kind: kind('binary'), op, sizes: [n], y: [y] };
  if (strideA === 0) return { ...step, b: [b], number: a };
  return strideB === 0 ? { ...step, a: [a], number: b } : { ...step, a: [a], b: [b] };
}

/** A step over the leaves of trees that hold anything. */
function overLeaves(kindOf: number, table: Buffer | undefined, number: Place, columns: number): Step | undefined {
  if (table?.kind !== 'table') return undefined;
  const leaves = Array.from({ length: table.words.length / leafWords }, (_, i) =>
    table.words.slice(i * leafWords, (i + 1) * leafWords),
  ).filter(([size]) => size !== 0);
  const sizes = leaves.map(([size]) => Number(size));
  const column = (at: number): Column => leaves.map((leaf) => leaf[at]).filter(isPlace);
  const [a, b, y] = [column(1), columns === 2 ? column(2) : undefined, column(4)];
  if (leaves.length === 0 || [a, b ?? a, y].some(({ length }) => length < leaves.length)) return undefined;
  return { kind: kindOf, op: 0, sizes, a, b, y, number };
}

/** The step that scales the leaves of `steppe_tree_normalize` by a number in double precision. */
export function normalizing(call: Call, buffers: readonly Buffer[], factor: Place): Step | undefined {
  const [table] = call.arguments;
  if (call.name !== 'steppe_tree_normalize' || !isPlace(table)) return undefined;
  return overLeaves(kind('scale by a double'), buffers[table.buffer], factor, 1);
}

/** What a call computes element by element; of other calls nothing. */
export function stepOf({ name, arguments: given }: Call, buffers: readonly Buffer[]): Step | undefined {
  if (name === 'steppe_unary') return unary(given);
  if (name === 'steppe_binary') return binary(given, buffers);
  const [table, , number] = given;
  if (!isPlace(table) || !isPlace(number)) return undefined;
  if (name === 'steppe_tree_scale') return overLeaves(kind('scale'), buffers[table.buffer], number, 1);
  if (name === 'steppe_tree_add_scaled') return overLeaves(kind('add scaled'), buffers[table.buffer], number, 2);
  return undefined;
}
