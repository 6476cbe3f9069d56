import { expect, test } from 'vitest';
import { floats } from '../support/arbitraries.ts';
import { nativeBackends, runKernel } from '../support/backends.ts';

const natives = await nativeBackends();
const [n, height, width, channels] = [12, 6, 5, 384];
const shape = [n, height, width, channels];
const x = floats(shape, 1);
const filter = floats([3, 3, channels, channels], 2);
const same = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC' };

/** One element of the convolution, or of its input gradient, in float64, with the sum of the products' magnitudes. */
function element(index: number, gradient: boolean): readonly [sum: number, size: number] {
  const o = index % channels;
  const pixel = (index - o) / channels;
  const [col, row] = [pixel % width, Math.floor(pixel / width) % height];
  let [sum, size] = [0, 0];
  for (let tap = 0; tap < 9; tap++) {
    const [down, right] = [Math.floor(tap / 3) - 1, (tap % 3) - 1];
    if (row + down < 0 || row + down >= height || col + right < 0 || col + right >= width) continue;
    for (let c = 0; c < channels; c++) {
      const w = gradient ? ((8 - tap) * channels + o) * channels + c : (tap * channels + c) * channels + o;
      const product = (x.values[(pixel + down * width + right) * channels + c] ?? 0) * (filter.values[w] ?? 0);
      sum += product;
      size += Math.abs(product);
    }
  }
  return [sum, size];
}

test.each(natives)('$name convolves by a filter that is larger than the caches', ({ name, library }) => {
  const kernels = [
    ['Conv2D', { x, filter }, { ...same, dilations: [1, 1] }],
    ['Conv2DBackpropInput', { dy: x, filter }, { ...same, inputShape: shape }],
  ] as const;
  for (const [kernelName, inputs, attrs] of kernels) {
    library.steppe_set_threads(1);
    const [{ values } = floats([], 0)] = runKernel(name, kernelName, inputs, attrs);
    for (let index = 0; index < values.length; index += 397) {
      const [sum, size] = element(index, kernelName !== 'Conv2D');
      expect(Math.abs((values[index] ?? Number.NaN) - sum)).toBeLessThan(2e-6 * size);
    }
    library.steppe_set_threads(2);
    expect(runKernel(name, kernelName, inputs, attrs)[0]?.values).toEqual(values);
  }
});
