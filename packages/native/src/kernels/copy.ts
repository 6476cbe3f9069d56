import type { TensorInfo } from '@tensorflow/tfjs-core';
import { Refusal } from '../arguments/refusal.ts';
import { copyLayout, maxRank, stridesOf } from '../layout.ts';
import { bytesPerElement, sizeOf } from '../memory/data.ts';
import { check, type Runtime } from '../runtime.ts';

/** A block of a tensor: where it starts, and its stride in each dimension, in elements. */
export type View = {
  readonly tensor: TensorInfo;
  readonly offset: number;
  readonly strides: readonly number[];
};

/** A whole tensor as a view. */
export function whole(tensor: TensorInfo): View {
  return { tensor, offset: 0, strides: stridesOf(tensor.shape) };
}

/** Copies a block of `shape` between views of tensors of one type. @throws When a block leaves its tensor. */
export function copy(runtime: Runtime, shape: readonly number[], to: View, from: View): void {
  if (sizeOf(shape) === 0) return;
  inside(runtime, shape, to);
  inside(runtime, shape, from);
  copyBlock(runtime, shape, to, from);
}

function copyBlock(runtime: Runtime, shape: readonly number[], to: View, from: View): void {
  const { library, storage, words, wordsAddress } = runtime;
  const rank = copyLayout(words, shape, to.strides, from.strides);
  if (rank > maxRank) {
    const [outer = 0, ...inner] = shape;
    for (let i = 0; i < outer; i++) copyBlock(runtime, inner, part(to, i), part(from, i));
    return;
  }
  const bytes = bytesPerElement(from.tensor.dtype);
  const target = storage.get(to.tensor.dataId).address + to.offset * bytes;
  const source = storage.get(from.tensor.dataId).address + from.offset * bytes;
  check(library.steppe_copy(target, source, bytes, rank, wordsAddress));
}

/** The block at `index` of the outermost dimension. */
function part({ tensor, offset, strides: [stride = 0, ...strides] }: View, index: number): View {
  return { tensor, offset: offset + index * stride, strides };
}

/** Checks a block. @throws When an element of a block of `shape` is none of the tensor's. */
function inside({ storage }: Runtime, shape: readonly number[], { tensor, offset, strides }: View): void {
  let low = offset;
  let high = offset;
  for (let d = 0; d < shape.length; d++) {
    const reach = ((shape[d] ?? 1) - 1) * (strides[d] ?? 0);
    if (reach < 0) low += reach;
    else high += reach;
  }
  if (low >= 0 && high < storage.get(tensor.dataId).size) return;
  throw new Refusal(`A block [${shape}] from element ${offset} on leaves a tensor [${tensor.shape}].`);
}

/** A new dense tensor of `shape` with the elements of a view. */
export function copied(runtime: Runtime, shape: number[], from: View): TensorInfo {
  const y = runtime.storage.output(shape, from.tensor.dtype);
  copy(runtime, shape, whole(y), from);
  return y;
}

/** The tensor with its dimensions in another order. */
export function transposed(runtime: Runtime, x: TensorInfo, perm: readonly number[]): TensorInfo {
  const strides = stridesOf(x.shape);
  const shape = perm.map((d) => x.shape[d] ?? 1);
  return copied(runtime, shape, { tensor: x, offset: 0, strides: perm.map((d) => strides[d] ?? 0) });
}
