import { engine, type Tensor, type TensorInfo, tidy } from '@tensorflow/tfjs-core';
import type { Runtime } from '../runtime.ts';
import { CaptureError } from './capture-error.ts';
import { flatten, replaceLeaves } from './flatten.ts';
import type { Output } from './program.ts';
import { difference, type Recording } from './recording.ts';

/** One run of a function whose kernels were recorded. */
export type Take = {
  readonly recording: Recording;
  /** The buffers of what it was given, and what it gave back. */
  readonly inputs: readonly number[];
  readonly outputs: readonly Output[];
  /** Its result, whose tensors are freed, and what stands between them in a text. */
  readonly result: unknown;
  readonly signature: string;
};

type Made = Omit<Take, 'recording'>;

/** Records what a function does with trees like `args`, of which no value is read. @throws A `CaptureError` when that
 * cannot be replayed, or what the function throws. */
export function takeOf(runtime: Runtime, f: (...args: never[]) => unknown, args: readonly unknown[]): Take {
  const { recorder, storage, backend } = runtime;
  const placeholder = ({ shape, dtype }: TensorInfo, inputs: number[]): Tensor => {
    const info = storage.output(shape, dtype);
    const { address } = storage.get(info.dataId);
    recorder.bind(address);
    inputs.push(recorder.placeOf(address).buffer);
    return engine().makeTensorFromTensorInfo(info, backend);
  };
  const run = (): Made => {
    const inputs: number[] = [];
    const placeholders = new Map<number, Tensor>();
    const given = replaceLeaves(args, (leaf) => {
      const stand = placeholders.get(leaf.id) ?? placeholder(leaf, inputs);
      placeholders.set(leaf.id, stand);
      return stand;
    });
    const made = f(...(given as never[]));
    const { signature } = flatten(made);
    const outputs: Output[] = [];
    // One for each place, also where one tensor stands in two.
    replaceLeaves(made, (leaf) => {
      const data = storage.get(leaf.dataId);
      recorder.see(data, leaf);
      outputs.push({ buffer: recorder.placeOf(data.address).buffer, shape: leaf.shape, dtype: leaf.dtype });
    });
    return { inputs, outputs, result: made, signature };
  };
  let made: Made | undefined;
  const [, recording] = recorder.record(() =>
    tidy(() => {
      made = run();
    }),
  );
  if (!made) throw new CaptureError('it gave nothing');
  return { recording, ...made };
}

/** What differs between two takes of a function that should be the same, in words. */
export function changed(a: Take, b: Take): string | undefined {
  const places = (take: Take): string => JSON.stringify([take.inputs, take.outputs]);
  return (
    difference(a.recording, b.recording) ??
    (a.signature !== b.signature ? 'its result has another structure, or other plain values' : undefined) ??
    (places(a) !== places(b) ? 'it gives back other tensors' : undefined)
  );
}
