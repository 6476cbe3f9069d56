import type { KeyWords } from '@steppe/kernels';
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
  /** The buffers of the random keys that it was given; of those that it gave, or what these always are. */
  readonly keys: readonly number[];
  readonly nextKeys: readonly (number | KeyWords)[];
  /** Its result, whose tensors are freed, and what stands between them in a text. */
  readonly result: unknown;
  readonly signature: string;
};

type Made = Omit<Take, 'recording'>;

/** Records what a function does with trees like `args`, of which no value is read. @throws When that cannot be
 * replayed, a `CaptureError`, and when the function does. */
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
    const keys: number[] = [];
    const nextKeys: (number | KeyWords)[] = [];
    const placeholders = new Map<number, Tensor>();
    const stand = (leaf: Tensor): Tensor => {
      const known = placeholders.get(leaf.id) ?? placeholder(leaf, inputs);
      placeholders.set(leaf.id, known);
      return known;
    };
    const { bufferOf, give } = recorder.keys();
    // Keys are others than the real ones, and than at any other take: what depends on their numbers shows.
    const given = replaceLeaves(args, stand, () => {
      const key = [someWord(), someWord()] as const;
      keys.push(give(key));
      return key;
    });
    const made = f(...(given as never[]));
    const { signature } = flatten(made);
    const outputs: Output[] = [];
    // One for each place, also where one tensor stands in two.
    const note = (leaf: Tensor): void => {
      const data = storage.get(leaf.dataId);
      recorder.see(data, leaf);
      outputs.push({ buffer: recorder.placeOf(data.address).buffer, shape: leaf.shape, dtype: leaf.dtype });
    };
    replaceLeaves(made, note, (key) => nextKeys.push(bufferOf(key) ?? key));
    return { inputs, outputs, keys, nextKeys, result: made, signature };
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

const someWord = (): number => Math.floor(Math.random() * 2 ** 32);

/** What differs between two takes of a function that should be the same, in words. */
export function changed(a: Take, b: Take): string | undefined {
  const places = (take: Take): string => JSON.stringify([take.inputs, take.outputs, take.keys, take.nextKeys]);
  return (
    difference(a.recording, b.recording) ??
    (a.signature !== b.signature ? 'its result has another structure, or other plain values' : undefined) ??
    (places(a) !== places(b) ? 'it gives back other tensors or random keys' : undefined)
  );
}
