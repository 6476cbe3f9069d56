// Odd arguments of the kernels that go element by element, or that make tensors.
import { binaryOps } from '../../dist/kernels/binary.js';
import { unaryOps } from '../../dist/kernels/unary.js';
import { reals, rows, sizes } from './numbers.mjs';

const extremes = 'i[8]=2147483647,-2147483648,0,-1,1,65536,46341,-46341';
const specials = 'f[8]=0,-0,NaN,Infinity,-Infinity,1e-45,3.4e38,-3.4e38';
const deep = ['f[2,1,2,1,2]', 'f[2,1,2,1,2,1]', 'f[1,2,1,2,1,2,1]', 'f[2,1,2,1,2,1,2,1]', 'f[1,2,1,2,1,2,1,2,1]'];
const x = ['f[2,3]', extremes, specials, 'i[2,3]', 'b[2,3]', ...deep];

/** Those that are listed below for themselves. */
const special = [
  'LeakyRelu',
  'Step',
  'ClipByValue',
  'Prelu',
  'EluGrad',
  'ReluGrad',
  'SteppeSilu',
  'SteppeGelu',
  'SteppeSiluGrad',
  'SteppeGeluGrad',
];
const plain = (names) => names.filter((name) => !special.includes(name));
const unary = [...plain(unaryOps), 'Identity', 'ZerosLike', 'OnesLike'];
const binary = plain(binaryOps);
const b = [
  ...['f[2,3]', 'f[3]', 'f[1,3]', 'f[2,1]', 'f[]', 'f[4]', 'f[3,2]', 'f[2,2,3]', 'f[0,3]', extremes, specials],
  ...['f[1,2,1,2,1]', 'f[1,2,1,2,1,2]', 'f[2,1,2,1,2,1,2]', 'f[1,2,1,2,1,2,1,2]', 'f[2,1,2,1,2,1,2,1,2]'],
];
const pairsOf = (first, second) =>
  [
    ...[
      [extremes, extremes],
      ['i[8]=0,0,1,-1,2147483647,-2147483648,7,-7', extremes],
      [specials, specials],
    ],
    ...[
      ['f[8]=1', specials],
      ['b[2,3]', 'b[2,3]'],
      ['i[2,3]', 'i[3]'],
      ['i[4]=7,-7,7,-7', 'i[4]=0,0,2,-2'],
    ],
    ...deep.flatMap((left, d) => deep.slice(d).map((right) => [left, right])),
    ...['f[1,3,1,3,1,3,1,3]', 'f[3,1,3,1,3,1,3,1]', 'f[2,1,3,1,2,1,1,3]'].map((wide) => [wide, 'f[1,3,1,3,1,3,1,3]']),
  ].map(([left, right]) => ({ inputs: { [first]: left, [second]: right } }));

// Without 2 ** 31: a range up to there is legal, and no machine of ours should make it.
const ends = sizes.filter((size) => size !== 2 ** 31);
const dtypes = ['float32', 'int32', 'bool', 'string', 'complex64', 'float64', 'nonsense', undefined];
const shapes = [...rows([2, 3]), [1, 2, 1, 2, 1, 2, 1, 2], [2 ** 16, 2 ** 16], [0, 2 ** 40], [0, -1]];

/** Tables of kernels: options of each input and attribute, the legal one first, and whole cases. */
export const elementKernels = [
  ...unary.map((kernel) => ({ kernel, inputs: { x }, attrs: {} })),
  { kernel: 'LeakyRelu', inputs: { x }, attrs: { alpha: reals }, sized: [] },
  { kernel: 'Step', inputs: { x }, attrs: { alpha: reals }, sized: [] },
  { kernel: 'ClipByValue', inputs: { x }, attrs: { clipValueMin: [-1, ...reals], clipValueMax: reals }, sized: [] },
  ...binary.map((kernel) => ({ kernel, inputs: { a: ['f[2,3]', ...deep], b }, attrs: {}, cases: pairsOf('a', 'b') })),
  { kernel: 'Prelu', inputs: { x: ['f[2,3]'], alpha: b }, attrs: {}, cases: pairsOf('x', 'alpha') },
  { kernel: 'EluGrad', inputs: { dy: ['f[2,3]'], y: b }, attrs: {}, cases: pairsOf('dy', 'y') },
  { kernel: 'ReluGrad', inputs: { dy: ['f[2,3]'], y: b }, attrs: {}, ownOnly: true },
  ...['SteppeSilu', 'SteppeGelu'].map((kernel) => ({ kernel, inputs: { x }, attrs: {}, ownOnly: true })),
  ...['SteppeSiluGrad', 'SteppeGeluGrad'].map((kernel) => ({
    kernel,
    inputs: { dy: ['f[2,3]'], x: b },
    attrs: {},
    ownOnly: true,
  })),
  { kernel: 'Fill', inputs: {}, attrs: { shape: shapes, value: reals, dtype: dtypes }, sized: ['shape'] },
  { kernel: 'Cast', inputs: { x }, attrs: { dtype: dtypes }, cases: casts() },
  {
    kernel: 'Range',
    inputs: {},
    attrs: { start: [0, ...ends], stop: [5, ...ends], step: [1, ...sizes], dtype: dtypes },
    sized: [],
    // A step in the other direction gives nothing, however far the stop is.
    refusedWhen: ({ start, stop, step }) => (stop - start) / step >= 2 ** 31,
  },
  {
    kernel: 'LinSpace',
    inputs: {},
    attrs: { start: reals, stop: [0, ...reals], num: [4, ...sizes] },
    sized: ['num'],
  },
];

function casts() {
  const from = [extremes, specials, 'f[4]=2147483648,-2147483649,4294967296.5,-0.5', 'b[4]', 'i[3]=0,-1,256'];
  return from.flatMap((tensor) => dtypes.map((dtype) => ({ inputs: { x: tensor }, attrs: { dtype } })));
}
