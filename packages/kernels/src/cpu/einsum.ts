import { backend_util, Einsum, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import { type Correction, correction, numbers } from './correction.ts';

/** The place in a tensor of each combination of some labels, given the tensor's step along each. */
function placesOf(extents: readonly number[], steps: readonly number[]): Int32Array {
  let places = new Int32Array(1);
  for (const [d, extent] of extents.entries()) {
    const next = new Int32Array(places.length * extent);
    for (let i = 0; i < next.length; i++)
      next[i] = (places[Math.floor(i / extent)] as number) + (i % extent) * (steps[d] ?? 0);
    places = next;
  }
  return places;
}

/** Sums of products over the labels that the result lacks. */
export const einsumCorrections: readonly Correction[] = [
  correction<string, { readonly equation: string }>(
    Einsum,
    'wrong values or shapes for many equations, such as bc,c-> and ad,db->d',
    (backend, inputs, { equation }) => {
      const operands: TensorInfo[] = Object.values(inputs);
      const { allDims, summedDims, idDims } = backend_util.decodeEinsumEquation(equation, operands.length);
      backend_util.checkEinsumDimSizes(allDims.length, idDims, operands as Tensor[]);
      const extents = allDims.map((_, label) => {
        const at = idDims.findIndex((labels) => labels.includes(label));
        return operands[at]?.shape[idDims[at]?.indexOf(label) ?? -1] ?? 1;
      });
      const kept = allDims.map((_, label) => label).filter((label) => !summedDims.includes(label));
      const of = (labels: readonly number[]): number[] => labels.map((label) => extents[label] ?? 1);
      const terms = operands.map((operand, i) => {
        const own = idDims[i] ?? [];
        const stepOf = (label: number): number =>
          own.includes(label) ? operand.shape.slice(own.indexOf(label) + 1).reduce((size, n) => size * n, 1) : 0;
        const places = (labels: readonly number[]): Int32Array => placesOf(of(labels), labels.map(stepOf));
        return { values: numbers(backend, operand), outer: places(kept), inner: places(summedDims) };
      });
      const dtype = operands[0]?.dtype ?? 'float32';
      const times = dtype === 'int32' ? Math.imul : (a: number, b: number): number => a * b;
      const out = kept.reduce((size, label) => size * (extents[label] ?? 1), 1);
      const count = summedDims.reduce((size, label) => size * (extents[label] ?? 1), 1);
      const result = dtype === 'int32' ? new Int32Array(out) : new Float32Array(out);
      for (let o = 0; o < out; o++) {
        let sum = 0;
        for (let s = 0; s < count; s++) {
          let product = 1;
          for (const { values, outer, inner } of terms)
            product = times(product, values[(outer[o] as number) + (inner[s] as number)] as number);
          sum += product;
        }
        result[o] = sum;
      }
      return backend.makeTensorInfo(of(kept), dtype, result);
    },
  ),
];
