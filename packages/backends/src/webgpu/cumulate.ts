import { Cumprod, Cumsum, Reverse, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { type WebGpuKernel, webGpuKernel } from './kernel.ts';
import { runProgram } from './program.ts';

type Attributes = { axis: number; exclusive: boolean; reverse: boolean };

/**
 * Running sums and products, and so the gradients of `cumsum` and `prod`.
 *
 * From the end backwards the stock kernels are wrong: their shader holds the length, and is used again for other
 * lengths. They take no axis that is counted from the back, and whole numbers for float32; here these are cumulated
 * modulo 2³², by a thread for each line.
 */
const cumulate = (name: string): WebGpuKernel =>
  webGpuKernel<{ x: TensorInfo }, Attributes>(
    name,
    ({ inputs: { x }, attributes, backend }, replaced, { run, view }) => {
      if (x.shape.length === 0) return view(replaced({ x: view(x, [1]) }, { ...attributes, axis: 0 }), []);
      const [axis = 0] = util.parseAxisParam(attributes.axis, x.shape);
      if (x.dtype === 'float32' && !x.shape.includes(0)) {
        if (!attributes.reverse) return replaced({ x }, { ...attributes, axis });
        const dims = [axis];
        const forwards = replaced({ x: run(Reverse, { x }, { dims }) }, { ...attributes, axis, reverse: false });
        return run(Reverse, { x: forwards }, { dims });
      }
      const [length, step] = [x.shape[axis] as number, util.sizeFromShape(x.shape.slice(axis + 1))];
      const lines = util.sizeFromShape(x.shape) / (length || 1);
      return runProgram(backend, {
        key: `${name}_${attributes.exclusive}_${attributes.reverse}`,
        inputs: [x],
        shape: x.shape,
        dtype: x.dtype,
        groups: Math.ceil(lines / 64),
        uniforms: [
          ['length', 'i32', length],
          ['step', 'i32', step],
          ['lines', 'i32', lines],
        ],
        code: `if (at < uniforms.lines) {
        let start = at / uniforms.step * uniforms.step * uniforms.length + at % uniforms.step;
        var acc = ${name === Cumprod ? 1 : 0};
        for (var i = 0; i < uniforms.length; i++) {
          let place = start + (${attributes.reverse ? 'uniforms.length - 1 - i' : 'i'}) * uniforms.step;
          let v = A[place];
          ${attributes.exclusive ? 'result[place] = acc;' : ''}
          acc ${name === Cumprod ? '*' : '+'}= v;
          ${attributes.exclusive ? '' : 'result[place] = acc;'}
        }
      }`,
      });
    },
  );

export const cumsum: WebGpuKernel = cumulate(Cumsum);
export const cumprod: WebGpuKernel = cumulate(Cumprod);
