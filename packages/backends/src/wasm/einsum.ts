import { backend_util, Einsum, Multiply, Reshape, Sum, type Tensor, Transpose, tidy } from '@tensorflow/tfjs-core';
import { type WasmKernel, wasmKernel } from './kernel.ts';
import { run } from './run.ts';

/**
 * Contracts one or two tensors over named axes: `Einsum`, along the path that tfjs works out, as the CPU backend does
 * it.
 *
 * Operands meet in one product of all axes before they are summed, so its size is the product of all axes' sizes.
 */
export const einsum: WasmKernel = wasmKernel<readonly Tensor[], { readonly equation: string }>(
  Einsum,
  (_, inputs, { equation }) =>
    tidy(() => {
      const operands = Object.values(inputs);
      const { allDims, summedDims, idDims } = backend_util.decodeEinsumEquation(equation, operands.length);
      backend_util.checkEinsumDimSizes(allDims.length, idDims, operands);
      const { path, steps } = backend_util.getEinsumComputePath(summedDims, idDims);
      let axes = allDims.length;
      let product: Tensor | undefined;
      for (const [step, terms] of steps.entries()) {
        for (const term of terms) {
          const operand = operands[term];
          const dims = idDims[term];
          if (!operand || !dims) throw new Error(`No operand for term ${term} of the equation ${equation}.`);
          const { permutationIndices: perm, expandDims } = backend_util.getEinsumPermutation(axes, dims);
          const turned = backend_util.isIdentityPermutation(perm) ? operand : run(Transpose, { x: operand }, { perm });
          const shape = [...turned.shape];
          for (const axis of expandDims) shape.splice(axis, 0, 1);
          const factor = run(Reshape, { x: turned }, { shape });
          product = product ? run(Multiply, { a: factor, b: product }) : factor;
        }
        if (step === steps.length - 1) break;
        const summed = path[step] ?? -1;
        if (product && summed >= 0)
          product = run(Sum, { x: product }, { axis: summed - (allDims.length - axes), keepDims: false });
        axes--;
      }
      if (!product) throw new Error(`The equation ${equation} names no operand.`);
      return product;
    }),
);
