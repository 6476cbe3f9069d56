import type { Argument } from '../program.ts';
import type { Stream } from '../stream.ts';
import { broadcastable, type Op, type Ops, times } from './op.ts';

const ranges: { readonly [call: string]: readonly [number, number] } = {
  acos: [-0.95, 0.95],
  acosh: [1.1, 4],
  asin: [-0.95, 0.95],
  atanh: [-0.95, 0.95],
  log: [0.1, 4],
  log1p: [-0.9, 4],
  rsqrt: [0.1, 4],
  sqrt: [0.1, 4],
  tan: [-1.4, 1.4],
};

/** Those that also take whole numbers. */
const whole = ['abs', 'neg', 'square', 'sign', 'relu', 'relu6', 'clone', 'zerosLike', 'onesLike'];

const names = [
  ...['abs', 'acos', 'acosh', 'asin', 'asinh', 'atan', 'atanh', 'ceil', 'clone', 'cos', 'cosh', 'elu', 'erf', 'exp'],
  ...['expm1', 'floor', 'log', 'log1p', 'logSigmoid', 'neg', 'onesLike', 'reciprocal', 'relu', 'relu6', 'round'],
  ...['rsqrt', 'selu', 'sigmoid', 'sign', 'sin', 'sinh', 'softplus', 'sqrt', 'square', 'tan', 'tanh', 'zerosLike'],
];

const trigonometric = ['sin', 'cos', 'tan'];

const unary = (name: string): Op => ({
  draw: (s) => {
    const shape = s.shape(0, 5);
    if (whole.includes(name) && s.chance(0.2)) return [s.ints(shape, -1000, 1000)];
    const [low, high] = s.chance(0.8) || s.mood === 'smooth' ? (ranges[name] ?? [-3, 3]) : [-100, 100];
    const wide = trigonometric.includes(name) && s.mood === 'special' && s.chance(0.3);
    return [wide ? s.reals(shape, -1e5, 1e5) : s.reals(shape, low, high)];
  },
  tolerance: 2e-5,
  // tfjs takes a polynomial that is right to 1.5e-7.
  ...(name === 'erf' ? { floor: 1e-6 } : {}),
});

const tests = (name: string): Op => ({ draw: (s) => [s.reals(s.shape(0, 4))], gradient: false, call: name });

const binaryNames = ['add', 'sub', 'mul', 'div', 'divNoNan', 'maximum', 'minimum', 'squaredDifference', 'atan2'];
const binaryOfWholes = ['add', 'sub', 'mul', 'maximum', 'minimum', 'squaredDifference'];

const pair = (s: Stream): readonly Argument[] => {
  const [a, b] = broadcastable(s);
  return [s.reals(a), s.reals(b)];
};

const binary = (name: string): Op => ({
  draw: (s) => {
    if (!binaryOfWholes.includes(name) || s.chance(0.75)) return pair(s);
    const [a, b] = broadcastable(s);
    const limit = s.chance(0.3) ? 2 ** 31 - 1 : 1000;
    return [s.ints(a, -limit, limit), s.ints(b, -limit, limit)];
  },
});

const comparison = (name: string): Op => ({
  call: name,
  draw: (s) => {
    const [a, b] = broadcastable(s);
    return s.chance(0.5) ? [s.reals(a), s.reals(b)] : [s.ints(a, -2, 2), s.ints(b, -2, 2)];
  },
  gradient: false,
});

const logical = (name: string): Op => ({
  call: name,
  draw: (s) => {
    const [a, b] = broadcastable(s);
    return [s.bools(a), s.bools(b)];
  },
  gradient: false,
});

const table = (list: readonly string[], make: (name: string) => Op): Ops =>
  Object.fromEntries(list.map((name) => [name, make(name)]));

export const elementwiseOps: Ops = {
  ...table(names, unary),
  ...table(['isFinite', 'isInf', 'isNaN'], tests),
  ...table(binaryNames, binary),
  ...table(['equal', 'notEqual', 'greater', 'greaterEqual', 'less', 'lessEqual'], comparison),
  ...table(['logicalAnd', 'logicalOr', 'logicalXor'], logical),
  logicalNot: { draw: (s) => [s.bools(s.shape(0, 4))], gradient: false },
  bitwiseAnd: {
    draw: (s) => {
      const shape = s.shape(0, 4);
      return [s.ints(shape, -1000, 1000), s.ints(shape, -1000, 1000)];
    },
    gradient: false,
  },
  pow: {
    draw: (s) => {
      const [a, b] = broadcastable(s);
      if (s.mood === 'smooth') return [s.reals(a, 0.2, 3), s.reals(b)];
      // To an infinite power, JavaScript and C disagree of one.
      if (s.chance(0.6)) return [s.reals(a), s.chance(0.5) ? s.plain(b) : { ...s.ints(b, -3, 4), dtype: 'float32' }];
      return [s.ints(a, -9, 9), s.ints(b, 0, 12)];
    },
    tolerance: 1e-4,
  },
  floorDiv: {
    draw: (s) => {
      const [a, b] = broadcastable(s);
      if (s.chance(0.5)) return [s.plain(a), s.plain(b)];
      const divisor = s.ints(b, 1, 9);
      return [s.ints(a, -50, 50), { ...divisor, values: divisor.values.map((v) => (s.chance(0.5) ? v : -v)) }];
    },
    // Its gradient is that of a quotient in tfjs, and none in TensorFlow.
    gradient: false,
  },
  mod: {
    draw: (s) => {
      const [a, b] = broadcastable(s);
      if (s.chance(0.6)) return [s.plain(a), s.plain(b)];
      const divisor = s.ints(b, 1, 9);
      return [s.ints(a, -50, 50), { ...divisor, values: divisor.values.map((v) => (s.chance(0.5) ? v : -v)) }];
    },
    tolerance: 1e-4,
    error: 'tensor',
  },
  prelu: { draw: pair },
  leakyRelu: { draw: (s) => [s.reals(s.shape(0, 4)), s.pick([undefined, 0.1, 0, 1.5])] },
  step: { draw: (s) => [s.reals(s.shape(0, 4)), s.pick([undefined, 0.5, -2])] },
  clipByValue: {
    draw: (s) => [s.chance(0.8) ? s.reals(s.shape(0, 4)) : s.ints(s.shape(0, 4), -9, 9), s.int(-3, -1), s.int(0, 3)],
  },
  cast: {
    draw: (s) => {
      const shape = s.shape(0, 4);
      const x = s.pick([() => s.reals(shape), () => s.ints(shape, -9, 9), () => s.bools(shape)])();
      const to = s.pick(['float32', 'int32', 'bool']);
      return to === 'int32' && x.values.some((v) => !(Math.abs(v) < 2 ** 31)) ? undefined : [x, to];
    },
    gradient: false,
  },
  addN: {
    draw: (s) => {
      const shape = s.shape(0, 4);
      return [times(s.int(1, 9), () => s.addends(shape))];
    },
    error: 'tensor',
  },
  where: {
    draw: (s) => {
      const [a, b] = broadcastable(s);
      const condition = s.chance(0.5) ? s.bools(a) : s.bools(b);
      const kind = s.int(0, 3);
      if (kind === 0) return [condition, s.ints(a, -9, 9), s.ints(b, -9, 9)];
      if (kind === 1) return [condition, s.bools(a), s.bools(b)];
      return [condition, s.reals(a), s.reals(b)];
    },
  },
};
