import {
  BatchMatMul,
  backend_util,
  Einsum,
  Reshape,
  Sum,
  type Tensor,
  type TensorInfo,
  Transpose,
  tidy,
  util,
} from '@tensorflow/tfjs-core';
import { type WasmKernel, wrappedKernel } from './kernel.ts';
import { run } from './run.ts';

/** A tensor whose axes have labels, numbers that the equation's letters stand for. */
type Labelled = { readonly x: TensorInfo; readonly labels: readonly number[] };

const sizesOf = ({ x, labels }: Labelled, of: readonly number[]): number[] =>
  of.map((label) => x.shape[labels.indexOf(label)] ?? 1);

/** Sums over the labels that nothing needs. */
function reduced({ x, labels }: Labelled, needed: readonly number[]): Labelled {
  const axis = labels.flatMap((label, at) => (needed.includes(label) ? [] : [at]));
  if (axis.length === 0) return { x, labels };
  return { x: run(Sum, { x }, { axis, keepDims: false }), labels: labels.filter((label) => needed.includes(label)) };
}

/** Turns the axes into an order. */
const ordered = ({ x, labels }: Labelled, order: readonly number[]): TensorInfo =>
  run(Transpose, { x }, { perm: order.map((label) => labels.indexOf(label)) });

/** Sums the products of two tensors over the labels that the result lacks, by one (batched) product of matrices. */
function contracted(first: Labelled, second: Labelled, result: readonly number[]): Labelled {
  const a = reduced(first, [...second.labels, ...result]);
  const b = reduced(second, [...first.labels, ...result]);
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => result.includes(label));
  const summed = shared.filter((label) => !result.includes(label));
  const rows = a.labels.filter((label) => !shared.includes(label));
  const columns = b.labels.filter((label) => !shared.includes(label));
  const [outer, height, depth, width] = [sizesOf(a, batch), sizesOf(a, rows), sizesOf(a, summed), sizesOf(b, columns)];
  const matrix = (x: TensorInfo, ...axes: readonly (readonly number[])[]): Tensor =>
    run(Reshape, { x }, { shape: axes.map(util.sizeFromShape as (sizes: readonly number[]) => number) });
  const left = matrix(ordered(a, [...batch, ...rows, ...summed]), outer, height, depth);
  const right = matrix(ordered(b, [...batch, ...summed, ...columns]), outer, depth, width);
  const product = run(BatchMatMul, { a: left, b: right }, { transposeA: false, transposeB: false });
  const x = run(Reshape, { x: product }, { shape: [...outer, ...height, ...width] });
  return { x, labels: [...batch, ...rows, ...columns] };
}

/**
 * Contracts one or two float32 tensors over named axes: `Einsum`, by a product of matrices.
 *
 * The path that tfjs works out gives wrong values and shapes where a label is in one operand alone. Other operands are
 * passed on.
 */
export const einsum: WasmKernel = wrappedKernel<readonly TensorInfo[], { readonly equation: string }>(
  Einsum,
  (rest) =>
    (_, inputs, { equation }) => {
      const operands = Object.values(inputs);
      const { allDims, summedDims, idDims } = backend_util.decodeEinsumEquation(equation, operands.length);
      backend_util.checkEinsumDimSizes(allDims.length, idDims, operands as Tensor[]);
      const [first, second, third] = operands.map((x, i): Labelled => ({ x, labels: idDims[i] ?? [] }));
      const plain = idDims.every((labels) => new Set(labels).size === labels.length);
      if (!first || third || !plain || operands.some(({ dtype }) => dtype !== 'float32')) return rest();
      return tidy(() => {
        const result = allDims.map((_, label) => label).filter((label) => !summedDims.includes(label));
        const sum = second ? contracted(first, second, result) : reduced(first, result);
        return ordered(sum, result) as Tensor;
      });
    },
);
