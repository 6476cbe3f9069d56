import { Tensor } from '@tensorflow/tfjs-core';
import { at } from '../map.ts';
import type { Static, Tree } from '../tree.ts';
import { damaged } from './intact.ts';
import { spelledNumber } from './json.ts';

/** Plain data, which is a tree without tensors: what travels beside a tree in a file, such as a configuration or a step
 * count. */
export type Plain = Static | readonly Plain[] | { readonly [key: string]: Plain };

/** Deeper nesting than any model has, and shallow enough for the recursion of every engine. */
const DEEPEST = 500;

/** The number behind a word: those of `printJson`, and the zero whose sign JSON drops. */
const numberOf = (word: unknown): number | undefined => (word === '-0' ? -0 : spelledNumber(word));

const isTagged = (keys: readonly string[]): boolean => keys.length === 1 && (keys[0] as string).startsWith('$');

const isPlainRecord = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
};

/**
 * Writes a tree as JSON, tensors by name: records, arrays, strings and finite numbers stand for themselves; the rest is
 * a record with one key: `$tensor`, `$number`, `$undefined`, or `$record` around a record that looks like one of these.
 */
export function encode(tree: Tree, path = '', depth = 0): Plain {
  if (depth > DEEPEST) throw new Error(`Trees are saved to a depth of ${DEEPEST}, got one that goes on at "${path}".`);
  if (tree === null || typeof tree === 'string' || typeof tree === 'boolean') return tree;
  if (tree === undefined) return { $undefined: true };
  if (typeof tree === 'number')
    return Number.isFinite(tree) && !Object.is(tree, -0)
      ? tree
      : { $number: Object.is(tree, -0) ? '-0' : String(tree) };
  if (tree instanceof Tensor) return { $tensor: path || '.' };
  if (Array.isArray(tree)) return tree.map((child: Tree, i) => encode(child, at(path, i), depth + 1));
  if (typeof tree !== 'object' || !isPlainRecord(tree))
    throw new Error(`Trees hold tensors, records, arrays and plain data, got a ${kindOf(tree)} at "${path || '.'}".`);
  const record = Object.fromEntries(
    Object.entries(tree).map(([key, child]) => [key, encode(child, at(path, key), depth + 1)]),
  );
  return isTagged(Object.keys(record)) ? { $record: record } : record;
}

const kindOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? (value.constructor?.name ?? 'record') : typeof value;

/**
 * Reads what `encode` wrote.
 *
 * @param tensor - Gives what stands for a tensor, by its name.
 * @throws When it is not as `encode` writes it.
 */
export function decode(node: unknown, tensor: (name: string) => Tree, depth = 0): Tree {
  if (depth > DEEPEST) throw damaged(`its data nests deeper than ${DEEPEST} levels`);
  if (typeof node !== 'object' || node === null) return node as Static;
  if (Array.isArray(node)) return node.map((child) => decode(child, tensor, depth + 1));
  const children = (record: object): Tree =>
    Object.fromEntries(Object.entries(record).map(([key, child]) => [key, decode(child, tensor, depth + 1)]));
  const [key, value] = Object.entries(node)[0] ?? ['', null];
  if (!isTagged(Object.keys(node))) return children(node);
  if (key === '$tensor' && typeof value === 'string') return tensor(value);
  if (key === '$undefined' && value === true) return undefined;
  if (key === '$number' && numberOf(value) !== undefined) return numberOf(value);
  if (key === '$record' && typeof value === 'object' && value !== null && isTagged(Object.keys(value)))
    return children(value);
  throw damaged(`its data holds an unknown mark ${JSON.stringify(key).slice(0, 80)}`);
}
