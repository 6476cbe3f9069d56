import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../memory/data.ts';
import { firstVirtual } from '../memory/pool.ts';
import type { Storage } from '../memory/storage.ts';
import { Refusal, refuse } from './refusal.ts';

/** Inputs by name; some of tfjs's kernels in JavaScript take a list of tensors under one name. */
type Given = Readonly<Record<string, TensorInfo | readonly TensorInfo[] | null | undefined>>;

/** Notes the inputs of a kernel. @throws When one is not there, or its memory does not hold what its shape and type
 * say. */
export function live(storage: Storage, inputs: Given, isRecording = false): void {
  for (const name in inputs) {
    const x = inputs[name];
    if (!x) continue;
    if ('dataId' in x) one(storage, name, x, isRecording);
    else for (const each of x) one(storage, name, each, isRecording);
  }
}

function one(storage: Storage, name: string, x: TensorInfo, isRecording: boolean): void {
  const data = storage.get(x.dataId);
  storage.note(data);
  if (data.address >= firstVirtual && !isRecording)
    throw new Refusal(`${name} was made and kept (tf.keep) while a function was recorded, and has no values.`);
  if (data.dtype === x.dtype && data.size === sizeOf(x.shape)) return;
  throw new Refusal(
    `${name} is said to be ${x.dtype}[${x.shape}], but its memory holds ${data.size} elements of ${data.dtype}.`,
  );
}

/** Checks a type. @throws When the tensor is not float32. */
export function floats(what: string, { dtype }: TensorInfo): void {
  if (dtype !== 'float32') refuse(what, 'float32', dtype);
}

/** Whether two shapes are the same. */
export function equalShapes(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let d = 0; d < a.length; d++) if (a[d] !== b[d]) return false;
  return true;
}

/** Checks a shape. @throws When the tensor has another one. */
export function shaped(what: string, x: TensorInfo, shape: readonly number[]): void {
  if (!equalShapes(x.shape, shape)) refuse(what, `of shape [${shape}]`, `[${x.shape}]`);
}

/** Checks a size. @throws When the tensor has another number of elements. */
export function sized(what: string, x: TensorInfo, size: number): void {
  if (sizeOf(x.shape) !== size) refuse(what, `of ${size} elements`, `[${x.shape}]`);
}

/** Checks a rank. @throws When the tensor has another number of dimensions. */
export function ranked(what: string, x: TensorInfo, rank: number): void {
  if (x.shape.length !== rank) refuse(what, `of ${rank} dimensions`, `[${x.shape}]`);
}
