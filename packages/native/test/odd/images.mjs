// Odd arguments of the kernels of images: convolutions, pools, blocks, normalization, products.
import { borders, pairs, reals, rows, sizes } from './numbers.mjs';

const image = [
  'f[1,5,4,2]',
  'f[2,1,1,2]',
  'f[0,5,4,2]',
  'f[1,0,4,2]',
  'f[1,5,4,0]',
  'f[1,5,4,3]',
  'f[5,4,2]',
  'f[1,1,5,4,2]',
];
const filters = [
  'f[3,2,2,3]',
  'f[1,1,2,2]',
  'f[64,64,2,2]',
  'f[6,5,2,2]',
  'f[3,3,3,2]',
  'f[0,2,2,3]',
  'f[3,2,0,3]',
  'f[3,2,2,0]',
];
const deep = [
  'f[3,2,2,1]',
  'f[3,2,2,3]',
  'f[9,9,2,1]',
  'f[3,2,1,1]',
  'f[3,2,3,1]',
  'f[0,2,2,1]',
  'f[3,2,2,0]',
  'f[2,2]',
];
const pad = ['valid', 'same', ...sizes, 4, ...borders(4), 'explicit', 'nonsense', undefined];
const strides = pairs();
const dilations = [[1, 1], ...pairs()];
const dataFormat = ['NHWC', 'NCHW', 'nonsense', undefined];
const dimRoundingMode = [undefined, 'floor', 'ceil', 'round', 'nonsense'];
const shape4 = (legal) => [...rows(legal), [1, 64, 64, 2], [1, 1, 1, 1]];
const window = { strides, pad, dimRoundingMode };
const activation = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu', 'nonsense', undefined, null];
const bias = [
  'f[3]',
  undefined,
  'f[1]',
  'f[]',
  'f[2]',
  'f[4]',
  'f[300]',
  'i[3]',
  'b[3]',
  'f[1,1,1,3]',
  'f[1,3,3,3]',
  'f[9,3,3,3]',
  'f[0]',
];
const finish = { activation, leakyreluAlpha: [undefined, ...reals] };
const stats = ['f[2]', 'f[1]', 'f[3]', 'f[300]', 'f[]', 'f[0]', 'i[2]', 'b[2]', 'f[1,1,1,2]', 'f[1,5,4,2]'];
const flag = [false, true, undefined];

/** Tables of kernels: options of each input and attribute, the legal one first, and whole cases. */
export const imageKernels = [
  { kernel: 'Conv2D', inputs: { x: image, filter: filters }, attrs: { ...window, dataFormat, dilations } },
  {
    kernel: 'Conv2DBackpropInput',
    endlessWith: ['strides'],
    inputs: { dy: ['f[1,3,3,3]', ...image], filter: filters },
    attrs: { ...window, dataFormat, inputShape: shape4([1, 5, 4, 2]) },
  },
  {
    kernel: 'Conv2DBackpropFilter',
    endlessWith: ['strides'],
    inputs: { x: image, dy: ['f[1,3,3,3]', 'f[1,3,3,4]', 'f[1,2,3,3]'] },
    attrs: { ...window, dataFormat, filterShape: shape4([3, 2, 2, 3]) },
  },
  { kernel: 'DepthwiseConv2dNative', inputs: { x: image, filter: deep }, attrs: { ...window, dataFormat, dilations } },
  {
    kernel: 'DepthwiseConv2dNativeBackpropInput',
    endlessWith: ['strides'],
    inputs: { dy: ['f[1,3,3,2]', ...image], filter: deep },
    attrs: { ...window, dilations, inputShape: shape4([1, 5, 4, 2]) },
  },
  {
    kernel: 'DepthwiseConv2dNativeBackpropFilter',
    endlessWith: ['strides'],
    inputs: { x: image, dy: ['f[1,3,3,2]', 'f[1,3,3,4]', 'f[1,2,3,2]'] },
    attrs: { ...window, dilations, filterShape: shape4([3, 2, 2, 1]) },
  },
  {
    kernel: 'FusedConv2D',
    inputs: { x: image, filter: filters, bias, preluActivationWeights: [undefined, ...bias] },
    attrs: { ...window, dataFormat, dilations, ...finish },
    sized: ['strides', 'pad', 'dilations'],
  },
  {
    kernel: 'FusedDepthwiseConv2D',
    inputs: { x: image, filter: deep, bias: ['f[2]', ...bias], preluActivationWeights: [undefined, 'f[2]', ...bias] },
    attrs: { ...window, dataFormat, dilations, ...finish },
    sized: ['strides', 'pad', 'dilations'],
  },
  {
    kernel: '_FusedMatMul',
    inputs: {
      a: ['f[1,3,2]', 'f[3,2]', 'f[2,3,2]'],
      b: ['f[1,2,3]', 'f[2,3]', 'f[2,2,3]'],
      bias,
      preluActivationWeights: [undefined, ...bias],
    },
    attrs: { transposeA: flag, transposeB: flag, ...finish },
    sized: [],
  },
  {
    kernel: 'BatchMatMul',
    inputs: {
      a: ['f[1,3,2]', 'f[3,2]', 'f[2,3,2]', 'f[2,1,3,2]', 'f[3,0]', 'f[0,3,2]', 'f[2]'],
      b: ['f[1,2,3]', 'f[2,3]', 'f[2,2,3]', 'f[3,2,3]', 'f[1,2,2,3]', 'f[0,3]', 'f[1,2,0]', 'f[3]', 'f[1,4,3]'],
    },
    attrs: { transposeA: flag, transposeB: flag },
  },
  ...['MaxPool', 'AvgPool'].map((kernel) => ({
    kernel,
    inputs: { x: image },
    attrs: { filterSize: [[2, 2], ...pairs()], ...window },
  })),
  ...['MaxPoolGrad', 'AvgPoolGrad'].map((kernel) => ({
    kernel,
    endlessWith: ['strides', 'filterSize'],
    inputs: {
      dy: ['f[1,4,3,2]', 'f[1,2,2,2]', 'f[1,4,3,3]', 'f[9,4,3,2]'],
      input: image,
      ...(kernel === 'MaxPoolGrad' ? { output: ['f[1,4,3,2]'] } : {}),
    },
    attrs: { filterSize: [[2, 2], ...pairs()], ...window },
  })),
  {
    kernel: 'Softmax',
    inputs: { logits: ['f[2,3]', 'f[3,0]', 'f[0,3]', 'f[2,2,2,2,2]'] },
    attrs: { dim: [-1, 1, 0, 2, -3, 9, 0.5, Number.NaN, 2 ** 31] },
  },
  {
    kernel: 'FusedBatchNorm',
    inputs: { x: image, mean: stats, variance: stats, offset: [undefined, ...stats], scale: [undefined, ...stats] },
    attrs: { varianceEpsilon: [0.001, ...reals, undefined] },
    sized: [],
  },
  { kernel: 'FlipLeftRight', inputs: { image }, attrs: {} },
  { kernel: 'DepthToSpace', inputs: { x: ['f[1,2,2,4]', ...image] }, attrs: { blockSize: [2, ...sizes], dataFormat } },
  {
    kernel: 'BatchToSpaceND',
    inputs: { x: ['f[4,2,2,1]', 'f[4,2]', 'f[3,2,2,1]', ...image] },
    attrs: { blockShape: [[2, 2], ...rows([2, 2])], crops: borders(2) },
  },
  {
    kernel: 'SpaceToBatchND',
    inputs: { x: ['f[1,4,4,1]', 'f[1,4]', ...image] },
    attrs: {
      blockShape: [[2, 2], ...rows([2, 2])],
      paddings: [
        [
          [0, 0],
          [0, 0],
        ],
        ...borders(2),
      ],
    },
  },
];
