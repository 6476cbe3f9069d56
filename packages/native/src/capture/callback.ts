import { type Callback, runCallback } from '@steppe/kernels';
import { engine, type Tensor, type TensorInfo, tidy } from '@tensorflow/tfjs-core';
import type { Runtime } from '../runtime.ts';
import { lifetimes } from './lifetimes.ts';
import type { Output } from './program.ts';
import type { Place, Recalled, Recording, Shaped } from './recording.ts';

/** Records a callback: a replay runs it between the calls before it and those behind it. */
export function recordCallback({ recorder, storage, backend }: Runtime, callback: Callback): readonly Tensor[] {
  const { name, run, about, inputs, results } = callback;
  recorder.enter(name, Object.fromEntries(inputs.map((x, i) => [`input ${i}`, x])), {}, storage.get);
  const placeOf = ({ dataId }: TensorInfo): Place => recorder.placeOf(storage.get(dataId).address);
  const made = results.map(({ shape, dtype }) => storage.output([...shape], dtype));
  // Their memory is what the callback will give.
  for (const { dataId } of made) recorder.bind(storage.get(dataId).address);
  recorder.add({
    name: 'callback',
    arguments: [...inputs, ...made].map(placeOf),
    kernel: { name, inputs: {}, attrs: {} },
    // Tensors may be given to say what others are like.
    callback: { name, run, about, inputs: inputs.map(shapeOf), results: results.map(shapeOf) },
  });
  return made.map((info) => engine().makeTensorFromTensorInfo(info, backend));
}

function shapeOf({ shape, dtype }: Callback['results'][number]): Shaped {
  return { shape: [...shape], dtype };
}

/** The tensors that a callback of a recording is given and gives. */
export type Handing = {
  readonly callback: Recalled;
  /** Whether it is the last to use the memory of an input. */
  readonly inputs: readonly (Output & { readonly isLast: boolean })[];
  readonly results: readonly number[];
};

/** Lists the callbacks of a recording in their order; `kept` are the buffers that are given back. */
export function handingsOf(recording: Recording, kept: readonly number[]): readonly Handing[] {
  if (!recording.calls.some(({ callback }) => callback)) return [];
  const lives = lifetimes(recording);
  return recording.calls.flatMap(({ callback, arguments: given }, at): Handing[] => {
    if (!callback) return [];
    const buffers = given.map((place) => (typeof place === 'object' ? place.buffer : -1));
    const read = buffers.slice(0, callback.inputs.length);
    const isLast = (buffer: number, i: number): boolean =>
      lives.get(buffer)?.last === at && !kept.includes(buffer) && read.lastIndexOf(buffer) === i;
    const inputs = callback.inputs.map(({ shape, dtype }, i) => {
      const buffer = read[i] ?? -1;
      return { buffer, shape, dtype, isLast: isLast(buffer, i) };
    });
    return [{ callback, inputs, results: buffers.slice(read.length) }];
  });
}

/** Makes a callback of a replay. It is given `inputs`, and what it gives is the caller's. */
export function remake({ storage, backend }: Runtime, callback: Recalled, inputs: readonly TensorInfo[]): Tensor[] {
  const tensorOf = (info: TensorInfo): Tensor => engine().makeTensorFromTensorInfo(info, backend);
  return tidy(() => {
    const made = runCallback(callback, inputs.map(tensorOf));
    // It may give back what it was given, or something of its own.
    return made.map((x) => tensorOf(storage.alias(x, x.shape)));
  });
}
