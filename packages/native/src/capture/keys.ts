import type { KeyWatch, KeyWords } from '@steppe/kernels';
import type { Buffer, Call, KernelCall, Place } from './recording.ts';

/** The keys of a recording: those that are given, and those that are derived from them. */
export type Keys = {
  readonly watch: KeyWatch;
  /** Says that a key is given, and is another one at a replay: its buffer. */
  readonly give: (key: KeyWords) => number;
  /** The buffer of a key; `undefined` where it is the same at every replay. */
  readonly bufferOf: (key: KeyWords) => number | undefined;
  /** The calls that derive the keys, then those of the kernels, which draw from keys where they had their numbers. */
  readonly drawing: (calls: readonly Call[]) => readonly Call[];
};

const textOf = ([first, second]: KeyWords): string => `${first},${second}`;
const deriving: KernelCall = { name: 'Random keys', inputs: {}, attrs: {} };

/** Begins to follow keys; `refuse` is told of numbers that the host draws from one that changes. */
export function followKeys(buffers: Buffer[], refuse: (what: string) => never): Keys {
  const known = new Map<string, number>();
  const derivations: Call[] = [];
  const add = (key: KeyWords): number => {
    known.set(textOf(key), buffers.length);
    return buffers.push({ kind: 'key', bytes: 8 }) - 1;
  };
  const bufferOf = (key: KeyWords): number | undefined => known.get(textOf(key));
  const at = (buffer: number): Place => ({ buffer, offset: 0 });
  return {
    watch: {
      refuse,
      derived: (parent, [first, second], child) => {
        const from = bufferOf(parent);
        if (from === undefined || bufferOf(child) !== undefined) return;
        const args = [at(from), first, second, at(add(child))];
        derivations.push({ name: 'steppe_derive_key', arguments: args, kernel: deriving });
      },
      drawn: (key) => {
        if (bufferOf(key) !== undefined)
          refuse('it draws random numbers on the host (bits, uniforms, normals, permutation): draw tensors');
      },
    },
    give: add,
    bufferOf,
    drawing: (calls) => {
      const moved = (value: number | Place): number | Place => {
        if (typeof value !== 'object') return value;
        const buffer = buffers[value.buffer];
        if (buffer?.kind !== 'constant' || buffer.bytes !== 8) return value;
        const [first = 0, second = 0] = new Uint32Array(buffer.values.buffer);
        const key = bufferOf([first, second]);
        return key === undefined ? value : at(key);
      };
      const drawn = (call: Call): Call =>
        call.name === 'steppe_draw' ? { ...call, arguments: call.arguments.map(moved) } : call;
      return [...derivations, ...calls.map(drawn)];
    },
  };
}
