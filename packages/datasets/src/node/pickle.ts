import { asBytes } from '@steppe/check';

/** An array of bytes, as NumPy pickles it. */
type PickledArray = { readonly dims: readonly number[]; readonly data: Uint8Array };

/** What a pickle holds: texts of Python 2 are bytes. */
export type Pickled = null | boolean | number | Uint8Array | readonly Pickled[] | PickledArray | PickledDict;

/** A dictionary, by the names of its keys. */
export type PickledDict = ReadonlyMap<string, Pickled>;

/** What is under construction: the functions of NumPy that these files call, and what they make. */
type Made = { readonly global: string } | { readonly dtype: string } | { dims: readonly number[]; data: Uint8Array };
type Value = null | boolean | number | Uint8Array | Value[] | Map<string, Value> | Made;

const mark = Symbol('mark');
type Stack = (Value | typeof mark)[];

const globals: ReadonlySet<string> = new Set(['numpy.core.multiarray _reconstruct', 'numpy ndarray', 'numpy dtype']);

const textOf = (value: Value | undefined): string =>
  value instanceof Uint8Array ? String.fromCharCode(...value.subarray(0, 256)) : '';
const isGlobal = (value: Value | undefined, name: string): boolean =>
  typeof value === 'object' && value !== null && 'global' in value && value.global === name;
const refused = (what: string): Error =>
  new Error(`A pickle of CIFAR holds no ${what}: it is damaged or another file.`);

/** Calls one of the three functions: an empty array, or the type of bytes. */
function call(callee: Value | undefined, args: Value | undefined): Value {
  const list = Array.isArray(args) ? args : [];
  if (isGlobal(callee, 'numpy.core.multiarray _reconstruct') && isGlobal(list[0], 'numpy ndarray'))
    return { dims: [0], data: new Uint8Array() };
  if (isGlobal(callee, 'numpy dtype')) return { dtype: textOf(list[0]) };
  throw refused('call of another function than those of an array');
}

/** Fills in what was made: sides and bytes of an array. */
function build(made: Value | undefined, state: Value | undefined): void {
  if (typeof made !== 'object' || made === null || !Array.isArray(state)) throw refused('such state');
  // That of a type of bytes says their order.
  if ('dtype' in made) return;
  const [, dims, type, isColumnMajor, data] = state;
  const isBytes = typeof type === 'object' && type !== null && 'dtype' in type && type.dtype === 'u1';
  if (!('dims' in made) || !Array.isArray(dims) || !isBytes || isColumnMajor !== false || !(data instanceof Uint8Array))
    throw refused('array of anything but bytes in the order of C');
  const sides = dims.map(Number);
  if (sides.reduce((product, side) => product * side, 1) !== data.length)
    throw refused(`array of ${sides.join(' x ')} with ${data.length} bytes`);
  made.dims = sides;
  made.data = data;
}

/** Reads the operands of an operation. */
type Tape = {
  readonly take: (count: number) => Uint8Array;
  /** A little-endian whole number. */
  readonly number: (bytes: number) => number;
  readonly line: () => string;
};

function tapeOf(bytes: Uint8Array): Tape {
  let at = 0;
  const take = (count: number): Uint8Array => {
    if (at + count > bytes.length) throw refused(`end at byte ${bytes.length}`);
    at += count;
    return bytes.subarray(at - count, at);
  };
  return {
    take,
    number: (count) => take(count).reduce((sum, byte, i) => sum + byte * 256 ** i, 0),
    line() {
      const end = bytes.indexOf(0x0a, at);
      if (end === -1 || end - at > 64) throw refused('name of such length');
      const text = textOf(take(end - at));
      take(1);
      return text;
    },
  };
}

/** The operations that these files are made of, by their letter; all others are refused. */
function operations(tape: Tape, stack: Stack, memo: Map<number, Value>) {
  const pop = (): Value | undefined => {
    const top = stack.pop();
    if (top === mark) throw refused('mark there');
    return top;
  };
  const top = (): Value | undefined => {
    const value = stack.at(-1);
    return value === mark ? undefined : value;
  };
  const toMark = (): Value[] => stack.splice(stack.lastIndexOf(mark)).slice(1) as Value[];
  const tuple = (count: number) => () => void stack.push(stack.splice(-count) as Value[]);
  const text = (width: number) => () => void stack.push(tape.take(tape.number(width)));
  const put = (width: number) => () => void memo.set(tape.number(width), top() as Value);
  const get = (width: number) => () => {
    const value = memo.get(tape.number(width));
    if (value === undefined) throw refused('such reference');
    stack.push(value);
  };
  const append = (items: readonly Value[]): void => {
    const list = top();
    if (!Array.isArray(list)) throw refused('list there');
    list.push(...items);
  };
  const assign = (items: readonly Value[]): void => {
    const dict = top();
    if (!(dict instanceof Map)) throw refused('dictionary there');
    for (let i = 0; i + 1 < items.length; i += 2) dict.set(textOf(items[i]), items[i + 1] as Value);
  };
  return {
    '\x80': () => {
      if (tape.number(1) !== 2) throw refused('protocol but 2');
    },
    '(': () => void stack.push(mark),
    '}': () => void stack.push(new Map()),
    ']': () => void stack.push([]),
    N: () => void stack.push(null),
    '\x88': () => void stack.push(true),
    '\x89': () => void stack.push(false),
    K: () => void stack.push(tape.number(1)),
    M: () => void stack.push(tape.number(2)),
    J: () => void stack.push(tape.number(4) | 0),
    U: text(1),
    T: text(4),
    q: put(1),
    r: put(4),
    h: get(1),
    j: get(4),
    a: () => append([pop() as Value]),
    e: () => append(toMark()),
    s: () => assign(stack.splice(-2) as Value[]),
    u: () => assign(toMark()),
    '\x85': tuple(1),
    '\x86': tuple(2),
    '\x87': tuple(3),
    t: () => void stack.push(toMark()),
    c: () => {
      const name = `${tape.line()} ${tape.line()}`;
      if (!globals.has(name)) throw refused(`${name.replace(' ', '.')}, which nothing here would call`);
      stack.push({ global: name });
    },
    R: () => {
      const args = pop();
      stack.push(call(pop(), args));
    },
    b: () => {
      const state = pop();
      build(top(), state);
    },
  } satisfies Readonly<Record<string, () => void>>;
}

/**
 * Reads a pickle of the kind that CIFAR's Python archives hold: protocol 2, dictionaries, lists, numbers, texts and
 * NumPy arrays of bytes.
 *
 * Nothing is imported or called, whatever the pickle asks for: an operation or a name that those files do not have is
 * refused.
 *
 * @throws When the bytes hold anything else, or are cut short.
 */
export function parsePickle(file: Uint8Array | ArrayBuffer): PickledDict {
  const tape = tapeOf(asBytes('A pickle', file));
  const stack: Stack = [];
  const known: Readonly<Record<string, (() => void) | undefined>> = operations(tape, stack, new Map());
  for (;;) {
    const code = String.fromCharCode(tape.number(1));
    if (code === '.') break;
    const operation = Object.hasOwn(known, code) ? known[code] : undefined;
    if (operation === undefined) throw refused(`operation ${JSON.stringify(code)}`);
    operation();
  }
  const [dict] = stack;
  if (stack.length !== 1 || !(dict instanceof Map)) throw refused('result but a dictionary');
  return dict as PickledDict;
}
