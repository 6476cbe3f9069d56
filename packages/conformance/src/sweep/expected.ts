import { foldIn, key, permutation } from '@steppe/random';
import type { Program } from './draw.ts';
import { isCall, isNumbers, mapNumbers, type Numbers } from './program.ts';
import type { Result } from './references/array.ts';
import { references } from './references/index.ts';
import { parametersOf, weights } from './run.ts';

/** What is right, as far as it is known: the entries that are not are left out as undefined. */
export type Expected = {
  readonly path: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly values: readonly (number | undefined)[];
};

/** The tensors of a result with their places, as `leaves` of trees gives them. */
function parts(result: Result): readonly { path: string; numbers: Numbers }[] {
  if (Array.isArray(result)) return result.map((numbers: Numbers, k) => ({ path: `[${k}]`, numbers }));
  if (isNumbers(result as Numbers)) return [{ path: '', numbers: result as Numbers }];
  return Object.entries(result as { [name: string]: Numbers }).map(([name, numbers]) => ({
    path: `.${name}`,
    numbers,
  }));
}

const reference = (program: Program): ((...args: Program['args']) => Result) | undefined =>
  program.args.some(isCall) ? undefined : references[program.call];

const finalised = ({ dtype, values }: Numbers): readonly number[] =>
  dtype === 'float32' ? values.map(Math.fround) : values;

/** The value of a program by its reference. */
const valuesOf = (program: Program, compute: (...args: Program['args']) => Result): Expected[] =>
  parts(compute(...program.args)).map(({ path, numbers }) => ({ path, ...numbers, values: finalised(numbers) }));

/** ⟨f(w), u⟩ of the reference in float64. */
const loss = (args: Program['args'], compute: (...args: Program['args']) => Result): number => {
  let total = 0;
  for (const { numbers } of parts(compute(...args))) {
    if (numbers.dtype !== 'float32') continue;
    const u = weights(numbers.values.length);
    for (const [k, value] of numbers.values.entries()) total += value * (u[k] as number);
  }
  return total;
};

const sampled = 16;
const step = 1e-5;

/** Central differences of the reference for some entries of every parameter. */
function differences(program: Program, compute: (...args: Program['args']) => Result): Expected[] {
  return parametersOf(program).map((parameter, p) => {
    const size = parameter.values.length;
    const chosen = [...permutation(foldIn(key(76), p), size)].slice(0, sampled);
    const at = (entry: number, shift: number): number =>
      loss(
        program.args.map((argument) =>
          mapNumbers(argument, (numbers) =>
            numbers === parameter
              ? { ...numbers, values: numbers.values.with(entry, (numbers.values[entry] as number) + shift) }
              : numbers,
          ),
        ),
        compute,
      );
    const values: (number | undefined)[] = Array.from({ length: size }, () => undefined);
    for (const entry of chosen) values[entry] = (at(entry, step) - at(entry, -step)) / (2 * step);
    return { path: `[${p}]`, shape: parameter.shape, dtype: 'float32', values };
  });
}

/** Whether a program gives no number at all. */
export const givesNothing = (program: Program): boolean => {
  const compute = reference(program);
  return compute !== undefined && parts(compute(...program.args)).every(({ numbers }) => numbers.values.length === 0);
};

/** What a program must come to, from its definition in float64; undefined where there is no reference for it. */
export function expectedOf(program: Program): readonly Expected[] | undefined {
  const compute = reference(program);
  if (!compute) return undefined;
  return program.gradient ? differences(program, compute) : valuesOf(program, compute);
}
