/** A tensor that is written out: part of a program, and what a reference computes with and gives. */
export type Numbers = {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly values: readonly number[];
};

/** What an operation of a program is called with. */
export type Argument =
  | Numbers
  | Call
  | number
  | boolean
  | string
  | null
  | undefined
  | readonly Argument[]
  | { readonly [name: string]: Argument };

/** A call of an operation by its name in tfjs, such as `image.resizeBilinear`. */
export type Call = { readonly call: string; readonly args: readonly Argument[] };

export const isNumbers = (argument: Argument): argument is Numbers =>
  typeof argument === 'object' && argument !== null && 'values' in argument && 'dtype' in argument;

export const isCall = (argument: Argument): argument is Call =>
  typeof argument === 'object' && argument !== null && 'call' in argument;

/** Replaces the tensors of an argument, first to last. */
export function mapNumbers(argument: Argument, f: (numbers: Numbers) => Argument): Argument {
  if (isNumbers(argument)) return f(argument);
  if (isCall(argument)) return { ...argument, args: argument.args.map((each) => mapNumbers(each, f)) };
  if (Array.isArray(argument)) return argument.map((each: Argument) => mapNumbers(each, f));
  if (typeof argument === 'object' && argument !== null)
    return Object.fromEntries(Object.entries(argument).map(([name, each]) => [name, mapNumbers(each, f)]));
  return argument;
}

/** The tensors of an argument, first to last. */
export function numbersOf(argument: Argument): readonly Numbers[] {
  const found: Numbers[] = [];
  mapNumbers(argument, (numbers) => {
    found.push(numbers);
    return numbers;
  });
  return found;
}

/** A number in as few digits as tell a float32 apart. */
function written(value: number): string {
  if (Object.is(value, -0)) return '-0';
  if (!Number.isFinite(value) || Math.fround(value) !== value) return String(value);
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(value);
}

const isPlain = ({ shape, dtype }: Numbers): boolean => dtype === 'float32' && shape.length === 1;

function argumentCode(argument: Argument): string {
  if (isNumbers(argument)) {
    const { shape, dtype, values } = argument;
    const list = `[${values.map(written).join(', ')}]`;
    if (isPlain(argument)) return `tf.tensor1d(${list})`;
    return `tf.tensor(${list}, [${shape.join(', ')}]${dtype === 'float32' ? '' : `, '${dtype}'`})`;
  }
  if (isCall(argument)) return programCode(argument);
  if (Array.isArray(argument)) return `[${argument.map(argumentCode).join(', ')}]`;
  if (typeof argument === 'object' && argument !== null)
    return `{ ${Object.entries(argument)
      .map(([name, each]) => `${name}: ${argumentCode(each)}`)
      .join(', ')} }`;
  if (typeof argument === 'string') return `'${argument}'`;
  return typeof argument === 'number' ? written(argument) : String(argument);
}

/** A program as code that a reader can paste. */
export function programCode({ call, args }: Call): string {
  let count = args.length;
  while (count > 0 && args[count - 1] === undefined) count--;
  return `tf.${call}(${args.slice(0, count).map(argumentCode).join(', ')})`;
}
