import { type TensorInfo, TopK, util } from '@tensorflow/tfjs-core';
import { onDevice, type WebGpuKernel } from './kernel.ts';
import { runProgram, typeOf } from './program.ts';

/** Each entry is compared to all of its row: up to this many, that is done in one pass. */
const LONG = 8192;

/** The greatest entries of each row and where they are: NaN first, as in JAX, and of equals the one that stands first.
 * The stock kernel gives the input itself, uncounted, where rows have one entry. */
export const topK: WebGpuKernel = {
  name: TopK,
  make: (stock) => (parameters) => {
    const x = parameters.inputs.x as TensorInfo;
    const { k } = parameters.attrs as { readonly k: number };
    const backend = onDevice(parameters.backend);
    const length = x.shape.at(-1) as number;
    if (length > LONG && x.shape.every((size) => size > 0) && k > 0) return stock(parameters);
    const shape = [...x.shape.slice(0, -1), k];
    const type = typeOf(x.dtype);
    const uniforms = [
      ['length', 'i32', length],
      ['k', 'i32', k],
    ] as const;
    const size = util.sizeFromShape(x.shape);
    const places = runProgram(backend, {
      key: `TopK_${type}`,
      inputs: [x],
      shape,
      dtype: 'int32',
      groups: Math.ceil(size / 64),
      uniforms: [...uniforms, ['entries', 'i32', size]],
      functions: `fn before(a : ${type}, b : ${type}, first : bool) -> bool {
          ${type === 'f32' ? 'if (isnan(a) || isnan(b)) { return isnan(a) && (first || !isnan(b)); }' : ''}
          return a > b || (a == b && first);
        }`,
      code: `if (at < uniforms.entries && uniforms.size > 0) {
        let row = at / uniforms.length; let own = at % uniforms.length; let v = ${type}(A[at]);
        var rank = 0;
        for (var i = 0; i < uniforms.length; i++) {
          if (i != own && before(${type}(A[row * uniforms.length + i]), v, i < own)) { rank++; }
        }
        if (rank < uniforms.k) { result[row * uniforms.k + rank] = own; }
      }`,
    });
    const values = runProgram(backend, {
      key: `TopK_values_${type}`,
      inputs: [x, places],
      shape,
      dtype: x.dtype,
      uniforms,
      code: `value = ${type}(A[index / uniforms.k * uniforms.length + B[index]]);`,
    });
    return [values, places];
  },
};
