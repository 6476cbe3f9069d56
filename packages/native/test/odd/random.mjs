// Calls of random kernels with arguments that are drawn from legal and odd ones, and bent: other shapes, other numbers.
import { kernelCall, random, tables } from './calls.mjs';
import { strange } from './tensors.mjs';

const numbers = [
  0,
  1,
  2,
  3,
  4,
  5,
  7,
  16,
  33,
  -1,
  -2,
  -3,
  -9,
  0.5,
  2.5,
  -0,
  Number.NaN,
  2 ** 31,
  -(2 ** 31),
  2 ** 53,
  1e300,
];

/** Endless random calls from a seed. */
export function* randomCalls(seed) {
  const next = random(seed);
  const below = (count) => Math.floor(next() * count);
  const draw = (options) => options[below(options.length)];
  const shape = () =>
    Array.from({ length: draw([0, 1, 1, 2, 2, 3, 4, 4, 4, 5, 7]) }, () => draw([0, 1, 1, 2, 2, 3, 4, 5]));

  /** A description of a tensor with another shape or type, or the same. */
  const tensor = (options) => {
    const one = draw(options);
    if (one === undefined || next() < 0.6) return one;
    return next() < 0.5 ? draw(strange(one)) : `${draw(['f', 'f', 'f', one[0], 'i', 'b'])}[${shape()}]`;
  };
  /** The attribute, or one of its numbers changed. */
  const bent = (value) => {
    if (Array.isArray(value)) {
      if (next() < 0.15) return [...value, draw(numbers)];
      return value.map((each) => (next() < 0.3 ? bent(each) : each));
    }
    return typeof value === 'number' ? draw(numbers) : value;
  };
  const attribute = (options) => {
    const value = next() < 0.6 ? options[0] : draw(options);
    return next() < 0.35 ? bent(value) : value;
  };
  const each = (options, make) => Object.fromEntries(Object.entries(options).map(([name, list]) => [name, make(list)]));

  for (;;) {
    const table = draw(tables);
    const listed = table.listed && table.cases ? draw(table.cases).inputs : undefined;
    yield kernelCall(table, listed ?? each(table.inputs, tensor), each(table.attrs, attribute));
  }
}
