import type { TensorInfo } from '@tensorflow/tfjs-core';
import { lifetimes } from './lifetimes.ts';
import { inPlace } from './passes/in-place.ts';
import { type Lifetime, plan } from './plan.ts';
import type { Recording } from './recording.ts';

/** Where a buffer is: so many bytes behind the start of a binding. */
export type Location = { readonly binding: number; readonly offset: number };

/** The binding of the program itself, to which it points for its constants. */
export const itself = 0;
/** The binding of what lives only while a program runs. */
export const arena = 1;

/** The memory of a program by bindings, whose addresses a replay is given. */
export type Bindings = {
  readonly locations: ReadonlyMap<number, Location>;
  /** Bytes of each binding; that of the program itself comes later. */
  readonly bytes: readonly number[];
  /** The bindings of the inputs, in their order. */
  readonly inputs: readonly number[];
  /** The bindings of buffers that are given back and that no input is. */
  readonly outputs: ReadonlyMap<number, number>;
  /** The bindings of tensors from outside. */
  readonly outside: ReadonlyMap<number, { readonly binding: number; readonly tensor: TensorInfo }>;
  /** Bindings of pieces with memory of their own, where nothing is packed. */
  readonly apart: readonly number[];
};

/** The first of the buffers that lie where this one does. */
const hostOf = (taken: ReadonlyMap<number, number>, buffer: number): number => {
  const host = taken.get(buffer);
  return host === undefined ? buffer : hostOf(taken, host);
};

/** Finds a place for every buffer of a recording. Where they are not `packed`, each has memory of its own. */
export function bind(
  recording: Recording,
  inputs: readonly number[],
  outputs: readonly number[],
  packed: boolean,
): Bindings {
  const { buffers } = recording;
  const locations = new Map<number, Location>();
  const bytes: number[] = [0, 0];
  const alone = (buffer: number): number => {
    const binding = bytes.length;
    bytes.push(buffers[buffer]?.bytes ?? 0);
    locations.set(buffer, { binding, offset: 0 });
    return binding;
  };
  const isInternal = (buffer: number): boolean => buffers[buffer]?.kind === 'internal';
  const given = inputs.map(alone);
  const made = new Map([...new Set(outputs)].filter(isInternal).map((buffer) => [buffer, alone(buffer)]));
  const outside = new Map<number, { readonly binding: number; readonly tensor: TensorInfo }>();
  for (let index = 0; index < buffers.length; index++) {
    const buffer = buffers[index];
    if (buffer?.kind === 'outside') outside.set(index, { binding: alone(index), tensor: buffer.tensor });
  }
  const alive = new Map<number, Lifetime>();
  for (const [buffer, lifetime] of lifetimes(recording))
    if (isInternal(buffer) && !made.has(buffer)) alive.set(buffer, lifetime);
  const apart = packed ? [] : [...alive.keys()].map(alone);
  const taken = packed ? inPlace(recording, alive) : new Map<number, number>();
  const pieces = new Map<number, Lifetime>();
  for (const [buffer, lifetime] of packed ? alive : []) {
    const host = hostOf(taken, buffer);
    const { bytes: size, first, last } = pieces.get(host) ?? lifetime;
    pieces.set(host, { bytes: size, first: Math.min(first, lifetime.first), last: Math.max(last, lifetime.last) });
  }
  const { offsets, bytes: size } = plan([...pieces.values()]);
  const offsetOf = new Map([...pieces.keys()].map((host, i) => [host, offsets[i] ?? 0]));
  for (const buffer of packed ? alive.keys() : [])
    locations.set(buffer, { binding: arena, offset: offsetOf.get(hostOf(taken, buffer)) ?? 0 });
  bytes[arena] = size;
  return { locations, bytes, inputs: given, outputs: made, outside, apart };
}
