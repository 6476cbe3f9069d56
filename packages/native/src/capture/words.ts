import type { FunctionName } from '../library.ts';
import { signatures } from '../library.ts';
import { itself, type Location } from './bindings.ts';
import type { Buffer, Place, Recording } from './recording.ts';

/** A word that is an address: so many bytes behind the start of a binding. */
export type Link = { readonly word: number; readonly binding: number; readonly offset: number };

/** A recording as `steppe_replay` of program.h takes it, without memory of its own yet. */
export type Words = {
  /** Words of 64 bits, in halves. */
  readonly halves: Uint32Array;
  /** Where the calls end; behind are the numbers and tables that they point to. */
  readonly end: number;
  /** In the order of their words. */
  readonly links: readonly Link[];
  /** The word that each call begins at; a callback has none. */
  readonly begins: readonly number[];
  /** The word that each callback is made before. */
  readonly cuts: readonly number[];
  /** The word of each buffer in the program itself. */
  readonly inside: ReadonlyMap<number, number>;
};

const isInside = ({ kind }: Buffer): boolean => kind !== 'input' && kind !== 'internal' && kind !== 'outside';
const cacheLine = 8;
const wordsFor = (bytes: number): number => Math.ceil(bytes / (8 * cacheLine)) * cacheLine;

/** Writes a recording down in words. */
export function wordsOf(
  { calls, buffers }: Recording,
  numberOf: (name: FunctionName) => number,
  locations: ReadonlyMap<number, Location>,
): Words {
  const end = calls.reduce((sum, call) => sum + (call.callback ? 0 : 1 + call.arguments.length), 0);
  const inside = new Map<number, number>();
  let count = wordsFor(end * 8);
  for (const [index, buffer] of buffers.entries()) {
    if (!isInside(buffer)) continue;
    inside.set(index, count);
    count += wordsFor(buffer.bytes);
  }
  const halves = new Uint32Array(count * 2);
  const bytes = new Uint8Array(halves.buffer);
  const view = new DataView(halves.buffer);
  const links: Link[] = [];
  const begins: number[] = [];
  const cuts: number[] = [];
  const link = (word: number, { buffer, offset }: Place): void => {
    const own = inside.get(buffer);
    const at = own === undefined ? locations.get(buffer) : { binding: itself, offset: own * 8 };
    if (at) links.push({ word, binding: at.binding, offset: at.offset + offset });
  };
  const whole = (word: number, value: number): void => {
    halves[2 * word] = value;
    if (value !== value >>> 0) halves[2 * word + 1] = Math.floor(value / 2 ** 32);
  };
  let at = 0;
  // This runs a few thousand times before V8 has compiled it: hence the plain loops.
  for (const { name, arguments: given } of calls) {
    if (name === 'callback') {
      cuts.push(at);
      begins.push(-1);
      continue;
    }
    begins.push(at);
    whole(at++, numberOf(name));
    for (let i = 0; i < given.length; i++) {
      const value = given[i] as number | Place;
      if (typeof value === 'object') link(at, value);
      else if (signatures[name][i] === 'd') view.setFloat64(at * 8, value, true);
      else whole(at, value);
      at++;
    }
  }
  for (const [index, word] of inside) {
    const buffer = buffers[index];
    if (buffer?.kind === 'constant') bytes.set(buffer.values, word * 8);
    else if (buffer?.kind === 'numbers') halves.set(buffer.numbers, word * 2);
    else if (buffer?.kind === 'table')
      for (let i = 0; i < buffer.words.length; i++) {
        const entry = buffer.words[i] as number | Place;
        if (typeof entry === 'object') link(word + i, entry);
        else whole(word + i, entry);
      }
  }
  return { halves, end, links, begins, cuts, inside };
}
