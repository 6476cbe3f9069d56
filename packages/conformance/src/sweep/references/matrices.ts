import type { Numbers } from '../program.ts';
import { broadcast, eachIndex, offsetOf, type References, sizeOf, spread, tabulate } from './array.ts';

const flipped = (shape: readonly number[], flip: boolean): number[] => {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return [...shape.slice(0, -2), ...(flip ? [columns, rows] : [rows, columns])];
};

function matMul(a: Numbers, b: Numbers, flipA = false, flipB = false): Numbers {
  const [m, n] = [flipped(a.shape, flipA), flipped(b.shape, flipB)];
  const inner = m.at(-1) as number;
  const shape = [...broadcast(m.slice(0, -2), n.slice(0, -2)), m.at(-2) as number, n.at(-1) as number];
  return tabulate(shape, 'float32', (index) => {
    const batch = index.slice(0, -2);
    const [i, j] = index.slice(-2) as [number, number];
    let total = 0;
    for (let k = 0; k < inner; k++)
      total += last(a, batch, flipA ? [k, i] : [i, k]) * last(b, batch, flipB ? [j, k] : [k, j]);
    return total;
  });
}

/** An entry of a matrix of a batch that broadcasts. */
function last(
  { shape, dtype, values }: Numbers,
  batch: readonly number[],
  [i, j]: readonly [number, number] | number[],
): number {
  const [rows, columns] = shape.slice(-2) as [number, number];
  const outer = shape.slice(0, -2);
  const place = spread({ shape: outer, dtype, values: Array.from({ length: sizeOf(outer) }, (_, k) => k) }, batch);
  return values[(place * rows + (i as number)) * columns + (j as number)] as number;
}

function einsum(equation: string, ...xs: readonly Numbers[]): Numbers {
  const [inputs, output] = equation.replaceAll(' ', '').split('->') as [string, string];
  const terms = inputs.split(',');
  const sides = new Map<string, number>();
  for (const [t, term] of terms.entries())
    for (const [k, letter] of [...term].entries()) sides.set(letter, xs[t]?.shape[k] as number);
  const shape = [...output].map((letter) => sides.get(letter) as number);
  const values = Array.from({ length: sizeOf(shape) }, () => 0);
  const letters = [...sides.keys()];
  eachIndex([...sides.values()], (index) => {
    const of = (word: string): number[] => [...word].map((letter) => index[letters.indexOf(letter)] as number);
    const product = terms.reduce((p, term, t) => {
      const x = xs[t] as Numbers;
      return p * (x.values[offsetOf(x.shape, of(term))] as number);
    }, 1);
    const to = offsetOf(shape, of(output));
    values[to] = (values[to] as number) + product;
  });
  return { shape, dtype: 'float32', values };
}

export const matrixReferences: References = {
  matMul,
  einsum,
  dot: (a: Numbers, b: Numbers) => {
    const [left, right] = [a.shape.length === 1, b.shape.length === 1];
    const product = matMul(left ? { ...a, shape: [1, ...a.shape] } : a, right ? { ...b, shape: [...b.shape, 1] } : b);
    return { ...product, shape: [...(left ? [] : [a.shape[0] as number]), ...(right ? [] : [b.shape[1] as number])] };
  },
  outerProduct: (a: Numbers, b: Numbers) =>
    tabulate(
      [a.shape[0] as number, b.shape[0] as number],
      'float32',
      ([i, j]) => (a.values[i as number] as number) * (b.values[j as number] as number),
    ),
};
