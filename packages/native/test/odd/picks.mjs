// Odd arguments of the kernels that pick by index or accumulate, and of Steppe's own kernels.
import { axes, reals, sizes } from './numbers.mjs';

const flag = [false, true, undefined];
const indices = [
  'i[3]=1,0,1',
  'i[2]=-1,0',
  'i[2]=0,9',
  'i[2]=2147483647,0',
  'i[0]',
  'i[]',
  'i[2,2]=0,1,1,0',
  'i[2,1,2,1]=0,1',
  'f[2]=0,1',
  'f[2]=0.5,1',
  'b[2]',
];
const leaf = [
  'f[2,3]',
  'f[0]',
  'f[]',
  'f[7]',
  'i[2,3]',
  'b[2,3]',
  'f[300]',
  's[2]',
  'c[2]',
  'disposed f[2,3]',
  'forged f[2]>[4096]',
];
const scalar = ['f[]', 'f[1]', 'f[0]', 'i[]', 'b[]', 'f[3]'];
const count = [1, 0, 2, 3, -1, 0.5, Number.NaN, 100, 2 ** 31, Number.POSITIVE_INFINITY, undefined];
const stats = ['f[3]', 'f[1]', 'f[2]', 'f[300]', 'f[0]', 'i[3]', 'b[3]', 'f[1,3]'];
const norm = { epsilon: [1e-5, ...reals], relu: flag };

/** Tables of kernels: options of each input and attribute, the legal one first, and whole cases. */
export const pickKernels = [
  ...['Cumsum', 'Cumprod'].map((kernel) => ({
    kernel,
    inputs: { x: ['f[2,3]', 'i[2,3]', 'b[2,3]', 'f[0,3]', 'i[4]=2147483647,2,3,-5', 'f[2,1,2,1,2,1,2,1]'] },
    attrs: { axis: axes, exclusive: flag, reverse: flag },
  })),
  {
    kernel: 'TopK',
    inputs: {
      x: ['f[2,3]', 'i[2,3]', 'b[2,3]', 'f[5]', 'f[0,3]', 'f[2,0]', 'f[]', 's[2]', 'c[2]', 'f[2,1,2,1,2,1,3]'],
    },
    attrs: { k: count, sorted: flag },
  },
  {
    kernel: 'GatherV2',
    inputs: { x: ['f[2,3]', 'i[2,3]', 'b[2,3]', 'f[2,2,3]', 'f[0,3]', 'f[2,0]', 'f[2,1,2,1,2,1,2]'], indices },
    attrs: { axis: axes, batchDims: [0, 1, 2, ...axes, undefined] },
  },
  {
    kernel: 'UnsortedSegmentSum',
    inputs: { x: ['f[3,2]', 'i[3,2]', 'f[3]', 'f[0,2]', 'f[2,2,2]'], segmentIds: indices },
    attrs: { numSegments: [2, ...sizes] },
  },
  {
    kernel: 'OneHot',
    inputs: { indices },
    attrs: {
      depth: [3, ...sizes],
      onValue: reals,
      offValue: [0, ...reals],
      dtype: ['float32', 'int32', 'bool', 'string', 'nonsense', undefined],
    },
    sized: ['depth'],
  },
  {
    kernel: 'Select',
    inputs: {
      condition: ['b[2,3]', 'b[2]', 'b[]', 'b[0]', 'b[3]', 'b[5]', 'b[7,9]', 'f[2,3]', 'i[2,3]'],
      t: ['f[2,3]', 'i[2,3]', 'f[2]', 'f[0,3]', 'f[6]'],
      e: ['f[2,3]', 'i[2,3]', 'f[2]', 'f[1,3]', 'f[0,3]', 'f[6]'],
    },
    attrs: {},
  },
  {
    kernel: 'SteppeBatchNorm',
    inputs: { x: ['f[4,3]', 'f[0,3]', 'f[4,0]', 'f[4,2000]'], scale: stats, offset: stats },
    attrs: norm,
    ownOnly: true,
    sized: [],
  },
  {
    kernel: 'SteppeBatchNormEval',
    inputs: {
      x: ['f[4,3]', 'f[0,3]', 'f[4,0]', 'f[4,2000]', 'i[4,3]'],
      ...{ mean: stats, variance: stats, scale: stats, offset: stats },
    },
    attrs: norm,
    ownOnly: true,
    sized: [],
  },
  ...['SteppeBatchNormGrad', 'SteppeBatchNormEvalGrad'].map((kernel) => ({
    kernel,
    inputs: {
      dy: ['f[4,3]', 'f[3,3]', 'f[4,2]'],
      x: ['f[4,3]', 'f[0,3]', 'f[4,2000]'],
      ...{ mean: stats, variance: stats, scale: stats, offset: stats },
    },
    attrs: norm,
    ownOnly: true,
    sized: [],
  })),
  ...['SteppeBatchNormGradGrad', 'SteppeBatchNormEvalGradGrad'].map((kernel) => ({
    kernel,
    inputs: {
      dy: ['f[4,3]', 'f[3,3]', 'f[4,2]'],
      x: ['f[4,3]', 'f[0,3]', 'f[4,2000]'],
      ddx: ['f[4,3]', 'f[4]', 'f[4,2000]', 'i[4,3]'],
      ...{ mean: stats, variance: stats, scale: stats, offset: stats, ddscale: stats, ddoffset: stats },
    },
    attrs: norm,
    ownOnly: true,
    sized: [],
  })),
  {
    kernel: 'SteppeLayerNorm',
    inputs: { x: ['f[4,3]', 'f[0,3]', 'f[4,0]', 'f[4,2000]', 'f[]'], scale: stats, offset: stats },
    attrs: { epsilon: norm.epsilon },
    ownOnly: true,
    sized: [],
  },
  {
    kernel: 'SteppeLayerNormGrad',
    inputs: { dy: ['f[4,3]', 'f[3,3]', 'f[4,2]'], x: ['f[4,3]', 'f[0,3]', 'f[4,2000]', 'f[]'], scale: stats },
    attrs: { epsilon: norm.epsilon },
    ownOnly: true,
    sized: [],
  },
  {
    kernel: 'SteppeDraw',
    inputs: { key: ['i[2]', 'i[]', 'i[3]', 'f[2]', 'i[0]'] },
    attrs: {
      shape: [[3, 4], [], [0], [2, 0], [-1], [1.5], 'x', undefined],
      distribution: ['uniform', 'normal', 'bernoulli', 'gamma', undefined],
      a: [0, 0.5, Number.NaN, -1, undefined],
      b: [1, -2, undefined],
    },
    ownOnly: true,
  },
  { kernel: 'SteppeSoftmax', inputs: { x: ['f[4,3]', 'f[]', 'f[0,3]', 'f[4,0]', 'i[4,3]'] }, attrs: {}, ownOnly: true },
  {
    kernel: 'SteppeSoftmaxGrad',
    inputs: { dy: ['f[4,3]', 'f[3,3]', 'i[4,3]', 'f[]'], y: ['f[4,3]', 'f[]', 'f[0,3]', 'f[4,0]', 'b[4,3]'] },
    attrs: {},
    ownOnly: true,
  },
  tree('SteppeTreeNorm', [leaf], { order: [2, 1, Number.POSITIVE_INFINITY, 0, -1, 3, 1.5, Number.NaN, 2 ** 31] }),
  tree('SteppeTreeDot', [leaf, leaf]),
  tree('SteppeTreeScale', [leaf, scalar]),
  tree('SteppeTreeNormalize', [leaf, scalar]),
  tree('SteppeTreeAddScaled', [leaf, leaf, scalar]),
  tree('SteppeTreeMomentum', [leaf, leaf, leaf, scalar, scalar, scalar], { nesterov: flag }),
];

/** A kernel of trees: its inputs are a list. */
function tree(kernel, options, attrs = {}) {
  const inputs = Object.fromEntries(options.map((each, i) => [i, each]));
  return { kernel, inputs, attrs: { count, ...attrs }, listed: true, ownOnly: true, sized: ['count'] };
}
