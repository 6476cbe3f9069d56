import type { Numbers } from '../program.ts';
import { broadcast, eachIndex, type References, spread, tabulate } from './array.ts';

/** erf by its series near zero and by its continued fraction beyond. */
function erf(x: number): number {
  const a = Math.abs(x);
  if (!(a <= 6)) return Number.isNaN(x) ? x : Math.sign(x);
  if (a < 3) {
    let [term, sum] = [a, a];
    for (let n = 1; n < 120; n++) {
      term *= (-a * a) / n;
      sum += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let k = 80; k > 0; k--) fraction = k / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction));
}

const roundHalfEven = (x: number): number => {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
};

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;

type Unary = (x: number) => number;

const unary: { readonly [call: string]: Unary } = {
  abs: Math.abs,
  acos: Math.acos,
  acosh: Math.acosh,
  asin: Math.asin,
  asinh: Math.asinh,
  atan: Math.atan,
  atanh: Math.atanh,
  ceil: Math.ceil,
  clone: (x) => x,
  cos: Math.cos,
  cosh: Math.cosh,
  elu: (x) => (x >= 0 ? x : Math.expm1(x)),
  erf,
  exp: Math.exp,
  expm1: Math.expm1,
  floor: Math.floor,
  log: Math.log,
  log1p: Math.log1p,
  logSigmoid: (x) => -softplus(-x),
  neg: (x) => -x,
  onesLike: () => 1,
  reciprocal: (x) => 1 / x,
  relu: (x) => (x < 0 ? 0 : x),
  relu6: (x) => (x < 0 ? 0 : x > 6 ? 6 : x),
  round: roundHalfEven,
  rsqrt: (x) => 1 / Math.sqrt(x),
  selu: (x) => seluScale * (x >= 0 ? x : seluAlpha * Math.expm1(x)),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  // Of NaN it is 0, as tfjs's own specs have it.
  sign: (x) => (x > 0 ? 1 : x < 0 ? -1 : 0),
  sin: Math.sin,
  sinh: Math.sinh,
  softplus,
  sqrt: Math.sqrt,
  square: (x) => x * x,
  tan: Math.tan,
  tanh: Math.tanh,
  zerosLike: () => 0,
};

const test: { readonly [call: string]: (x: number) => boolean } = {
  isFinite: Number.isFinite,
  isInf: (x) => Math.abs(x) === Number.POSITIVE_INFINITY,
  isNaN: Number.isNaN,
  logicalNot: (x) => x === 0,
};

const either = (choose: (a: number, b: number) => number) => (a: number, b: number) =>
  Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : choose(a, b);

const floorMod = (a: number, b: number): number => {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
};

/** b^e of whole numbers, modulo 2³². */
const wholePower = (base: number, exponent: number): number => {
  let power = 1;
  for (let k = 0; k < exponent; k++) power = Math.imul(power, base);
  return power;
};

type Binary = (a: number, b: number) => number;

const binary: { readonly [call: string]: Binary } = {
  add: (a, b) => a + b,
  atan2: Math.atan2,
  bitwiseAnd: (a, b) => a & b,
  divNoNan: (a, b) => (b === 0 ? 0 : a / b),
  maximum: either(Math.max),
  minimum: either(Math.min),
  mod: floorMod,
  mul: (a, b) => a * b,
  pow: (a, b) => a ** b,
  prelu: (x, alpha) => (x < 0 ? alpha * x : x),
  squaredDifference: (a, b) => (a - b) * (a - b),
  sub: (a, b) => a - b,
};

const compare: { readonly [call: string]: (a: number, b: number) => boolean } = {
  equal: (a, b) => a === b,
  greater: (a, b) => a > b,
  greaterEqual: (a, b) => a >= b,
  less: (a, b) => a < b,
  lessEqual: (a, b) => a <= b,
  logicalAnd: (a, b) => a !== 0 && b !== 0,
  logicalOr: (a, b) => a !== 0 || b !== 0,
  logicalXor: (a, b) => (a !== 0) !== (b !== 0),
  notEqual: (a, b) => a !== b,
};

const each = (x: Numbers, dtype: Numbers['dtype'], f: Unary): Numbers => ({ ...x, dtype, values: x.values.map(f) });

const pairs = (a: Numbers, b: Numbers, dtype: Numbers['dtype'], f: Binary): Numbers =>
  tabulate(broadcast(a.shape, b.shape), dtype, (index) => f(spread(a, index), spread(b, index)));

/** Whole numbers are kept modulo 2³². */
const wrapped = (x: Numbers): Numbers => (x.dtype === 'int32' ? { ...x, values: x.values.map((v) => v | 0) } : x);

const whole: { readonly [call: string]: Binary } = {
  mul: Math.imul,
  pow: wholePower,
  squaredDifference: (a, b) => Math.imul(a - b, a - b),
};

const wholes: { readonly [call: string]: Unary } = { square: (x) => Math.imul(x, x) };

const fromTable = <F, Args extends unknown[]>(
  table: { readonly [call: string]: F },
  make: (f: F, call: string) => (...args: Args) => Numbers,
) => Object.fromEntries(Object.entries(table).map(([call, f]) => [call, make(f, call)]));

export const elementwiseReferences: References = {
  ...fromTable(
    unary,
    (f, call) => (x: Numbers) => wrapped(each(x, x.dtype, x.dtype === 'int32' ? (wholes[call] ?? f) : f)),
  ),
  ...fromTable(test, (f) => (x: Numbers) => each(x, 'bool', (v) => Number(f(v)))),
  ...fromTable(
    binary,
    (f, call) => (a: Numbers, b: Numbers) =>
      wrapped(pairs(a, b, a.dtype, a.dtype === 'int32' ? (whole[call] ?? f) : f)),
  ),
  ...fromTable(compare, (f) => (a: Numbers, b: Numbers) => pairs(a, b, 'bool', (x, y) => Number(f(x, y)))),
  div: (a: Numbers, b: Numbers) =>
    pairs(a, b, a.dtype, a.dtype === 'int32' ? (x, y) => Math.floor(x / y) : (x, y) => x / y),
  // Of type int32, whatever it divides, as tfjs documents.
  floorDiv: (a: Numbers, b: Numbers) => pairs(a, b, 'int32', (x, y) => Math.floor(x / y)),
  clipByValue: (x: Numbers, low: number, high: number) =>
    each(x, x.dtype, (v) => (Number.isNaN(v) ? v : Math.min(Math.max(v, low), high))),
  leakyRelu: (x: Numbers, alpha = 0.2) => each(x, 'float32', (v) => (v < 0 ? alpha * v : v)),
  step: (x: Numbers, alpha = 0) => each(x, x.dtype, (v) => (Number.isNaN(v) ? v : v > 0 ? 1 : alpha)),
  cast: (x: Numbers, dtype: Numbers['dtype']) =>
    each(x, dtype, (v) => (dtype === 'bool' ? Number(v !== 0) : dtype === 'int32' ? Math.trunc(v) : v)),
  addN: (xs: readonly Numbers[]) => {
    const first = xs[0] as Numbers;
    return { ...first, values: first.values.map((_, i) => xs.reduce((sum, x) => sum + (x.values[i] as number), 0)) };
  },
  where: (condition: Numbers, a: Numbers, b: Numbers) => {
    const shape = broadcast(broadcast(condition.shape, a.shape), b.shape);
    const values: number[] = [];
    eachIndex(shape, (index) => values.push(spread(condition, index) ? spread(a, index) : spread(b, index)));
    return { shape, dtype: a.dtype, values };
  },
};
