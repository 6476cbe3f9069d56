import { beforeAll, describe, expect, test } from 'vitest';
import { floats } from './support/arbitraries.ts';
import { nativeBackends, runKernel } from './support/backends.ts';

const natives = await nativeBackends();

const leaves = [floats([100_003], 14), floats([7], 15), floats([50_000], 16)];

/** What the gradients of batch normalization's gradients take. */
const second = {
  ...{ dy: floats([5000, 20], 21), x: floats([5000, 20], 22), ddx: floats([5000, 20], 23) },
  ...{ mean: floats([20], 24), variance: { ...floats([20], 25), values: new Float32Array(20).fill(0.4) } },
  ...{ scale: floats([20], 26), offset: floats([20], 27), ddscale: floats([20], 28), ddoffset: floats([20], 29) },
};

/** A kernel with more than enough work for several threads. */
const large = {
  Sum: [{ x: floats([64, 33, 33, 24], 1) }, { axis: [0, 1, 2], keepDims: false }],
  Mean: [{ x: floats([700_001], 2) }, { axis: [0], keepDims: false }],
  Conv2D: [
    { x: floats([9, 17, 17, 24], 3), filter: floats([3, 3, 24, 40], 4) },
    { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', dilations: [1, 1] },
  ],
  Conv2DBackpropFilter: [
    { x: floats([9, 17, 17, 24], 5), dy: floats([9, 17, 17, 40], 6) },
    { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', filterShape: [3, 3, 24, 40] },
  ],
  Conv2DBackpropInput: [
    { dy: floats([9, 17, 17, 40], 7), filter: floats([3, 3, 24, 40], 8) },
    { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', inputShape: [9, 17, 17, 24] },
  ],
  'Conv2DBackpropFilter of wide layers': [
    { x: floats([4, 16, 16, 80], 21), dy: floats([4, 16, 16, 96], 22) },
    { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', filterShape: [3, 3, 80, 96] },
  ],
  'Conv2D of wide layers': [
    { x: floats([2, 20, 20, 144], 23), filter: floats([3, 3, 144, 128], 24) },
    { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', dilations: [1, 1] },
  ],
  BatchMatMul: [
    { a: floats([1, 150, 301], 9), b: floats([1, 301, 170], 10) },
    { transposeA: false, transposeB: false },
  ],
  SteppeBatchNorm: [
    { x: floats([5000, 20], 11), scale: floats([20], 12), offset: floats([20], 13) },
    { epsilon: 1e-5, relu: true },
  ],
  SteppeBatchNormGradGrad: [second, { epsilon: 1e-5, relu: true }],
  SteppeBatchNormEvalGradGrad: [second, { epsilon: 1e-5, relu: true }],
  SteppeLayerNormGrad: [
    { dy: floats([900, 100], 18), x: floats([900, 100], 19), scale: floats([100], 20) },
    { epsilon: 1e-6 },
  ],
  SteppeTreeNorm: [leaves, { count: 3, order: 2 }],
  SteppeTreeDot: [[...leaves, ...leaves], { count: 3 }],
  SteppeTreeNormalize: [[...leaves, floats([], 17)], { count: 3 }],
} as const;

describe.each(natives)('$name', ({ name, library }) => {
  beforeAll(() => {
    const threads = library.steppe_threads();
    return () => library.steppe_set_threads(threads);
  });

  test.each(Object.entries(large))('%s has the same bits for any number of threads', (kernel, [inputs, attrs]) => {
    library.steppe_set_threads(1);
    const [of = kernel] = kernel.split(' ');
    const alone = runKernel(name, of, inputs, attrs);
    for (const threads of [2, 3, 5]) {
      library.steppe_set_threads(threads);
      expect(runKernel(name, of, inputs, attrs)).toEqual(alone);
    }
  });
});
