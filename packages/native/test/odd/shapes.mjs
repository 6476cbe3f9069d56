// Odd arguments of the kernels that reduce, reshape, cut and join.
import { axes, axisLists, borders, rows, sizes } from './numbers.mjs';

const all = [
  'f[2,3]',
  'i[2,3]',
  'b[2,3]',
  'f[2,3,2]',
  'f[0,3]',
  'f[3,0]',
  'f[2,2,2,2,2]',
  'f[2,1,2,1,2,1]',
  'f[2,1,2,1,2,1,2,2]',
];
const ties = ['f[5]=1,3,3,1,NaN', 'i[4]=2147483647,2147483647,1,-5', 'f[4]=-0,0,-0,0', 'i[3]=2147483647,2147483647,2'];
const keepDims = [false, true, undefined];
const mask = [0, 1, 2, 3, 7, -1, 0.5, Number.NaN];
const names = (list) => ({ inputs: Object.fromEntries(list.map((tensor, i) => [i, tensor])) });

const lists = [
  ...[['f[2,3]'], ['f[2,3]', 'f[2,3]'], ['f[2,3]', 'f[2,2]'], ['f[2,3]', 'f[1,3]'], ['f[2,3]', 'f[2,3,1]'], []],
  ...[
    ['f[]', 'f[]'],
    ['f[0,3]', 'f[2,3]'],
    ['f[2,3]', 'i[2,3]'],
    ['f[2,3]', 'b[2,3]'],
    ['i[2,3]', 'i[2,3]', 'i[2,3]'],
  ],
  ...[
    ['f[2,3]', 's[2,3]'],
    ['f[2,3]', 'f[6]'],
    ['f[2,0]', 'f[2,0]'],
    ['b[3]', 'b[3]'],
    ['f[2,3]', 'f[]', 'f[2,3]'],
  ],
  ...[
    ['f[1,2,1,2,1,2,1,2]', 'f[1,2,1,2,1,2,1,2]'],
    ['f[2,3]', 'disposed f[2,3]'],
    ['f[2]', 'forged f[2]>[999]'],
  ],
].map(names);

/** Tables of kernels: options of each input and attribute, the legal one first, and whole cases. */
export const shapeKernels = [
  ...['Sum', 'Mean', 'Min', 'Prod', 'All', 'Any'].map((kernel) => ({
    kernel,
    inputs: { x: [kernel === 'All' || kernel === 'Any' ? 'b[2,3]' : 'f[2,3]', ...all, ...ties] },
    attrs: { axis: [...axisLists, ...axes, undefined, null], keepDims },
  })),
  {
    kernel: 'Max',
    inputs: { x: [...all, ...ties] },
    attrs: { reductionIndices: [...axisLists, ...axes, undefined, null], keepDims },
  },
  ...['ArgMax', 'ArgMin'].map((kernel) => ({
    kernel,
    inputs: { x: [...all, ...ties] },
    attrs: { axis: [...axes, ...axisLists] },
  })),
  {
    kernel: 'Reshape',
    inputs: { x: all },
    attrs: { shape: [[6], ...rows([3, 2]), [-1, -1], [2, -1], [-2, -3], [6, 0], [4]] },
  },
  { kernel: 'ExpandDims', inputs: { input: all }, attrs: { dim: axes } },
  { kernel: 'Transpose', inputs: { x: all }, attrs: { perm: [[1, 0], ...axisLists, ...rows([1, 0], axes)] } },
  {
    kernel: 'Slice',
    inputs: { x: all },
    attrs: { begin: rows([0, 1], [...sizes, -0]), size: [...rows([1, 2]), [-1, -1], [2, 3], [2, 0], [0, 3], 1] },
  },
  {
    kernel: 'StridedSlice',
    inputs: { x: all },
    attrs: {
      begin: rows([0, 1]),
      end: rows([2, 3]),
      strides: rows([1, 1]),
      ...{ beginMask: mask, endMask: mask, ellipsisMask: mask, newAxisMask: mask, shrinkAxisMask: mask },
    },
    sized: [],
    cases: [
      [[9], [2], [1]],
      [[2], [9], [-1]],
      [[9], [2], [-3]],
      [[-20], [20], [4]],
      [[5], [5], [1]],
      [[0], [0], [-1]],
    ].map(([begin, end, strides]) => ({ inputs: { x: 'f[10]' }, attrs: { begin, end, strides } })),
  },
  { kernel: 'Concat', inputs: {}, attrs: { axis: axes }, cases: lists, listed: true },
  { kernel: 'Pack', inputs: {}, attrs: { axis: axes }, cases: lists, listed: true },
  { kernel: 'AddN', inputs: {}, attrs: {}, cases: lists, listed: true },
  { kernel: 'Unpack', inputs: { value: all }, attrs: { axis: axes } },
  {
    kernel: 'SplitV',
    inputs: { x: ['f[2,6]', ...all] },
    attrs: {
      numOrSizeSplits: [2, ...sizes, ...rows([2, 4]), [-5, 11], [-1, 2], [-1, -1], [7], [5], [6, 0], [3, 3, 0], [1, 1]],
      axis: [1, ...axes],
    },
  },
  { kernel: 'Reverse', inputs: { x: all }, attrs: { dims: [...axisLists, ...axes] } },
  { kernel: 'Tile', inputs: { x: all }, attrs: { reps: [[2, 1], ...rows([1, 2])] } },
  {
    kernel: 'PadV2',
    inputs: { x: all },
    attrs: { paddings: borders(2), constantValue: [0, -1, 0.5, Number.NaN, 2 ** 31] },
    sized: ['paddings'],
  },
  {
    kernel: 'MirrorPad',
    inputs: { x: all },
    attrs: { paddings: borders(2), mode: ['reflect', 'symmetric', 'nonsense', undefined] },
  },
];
