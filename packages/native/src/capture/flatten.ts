import type { KeyWords } from '@steppe/kernels';
import { Tensor } from '@tensorflow/tfjs-core';
import { CaptureError } from './capture-error.ts';

/** The tensors of a tree, each once, and what else decides what is computed from them. */
export type Flat = {
  readonly leaves: readonly Tensor[];
  /** Random keys, one for each place: their numbers are no part of the signature. */
  readonly keys: readonly KeyWords[];
  /** Counts of steps, one for each place: their numbers are no part of the signature either. */
  readonly counts: readonly number[];
  /** Structure, shapes, types, plain values, and which places hold one tensor. */
  readonly signature: string;
};

/** The levels of a tree at most. */
const deepest = 200;

/** Lists the tensors of a tree, and says in one text what else there is. @throws When it holds what is neither a tensor,
 * plain data, a list nor a record. */
export function flatten(tree: unknown): Flat {
  const places = new Map<number, number>();
  const leaves: Tensor[] = [];
  const keys: KeyWords[] = [];
  const counts: number[] = [];
  // This runs at each call, over some hundred tensors: hence one text that grows, and a path that is made where it is told.
  let signature = '';
  const path: (string | number)[] = [];
  const within = (at: string | number, node: unknown): void => {
    path.push(at);
    visit(node);
    path.pop();
  };
  const visit = (node: unknown): void => {
    if (typeof node === 'string') signature += JSON.stringify(node);
    else if (typeof node === 'number') signature += Object.is(node, -0) ? '-0' : String(node);
    else if (node === null || node === undefined || typeof node === 'boolean') signature += String(node);
    else if (node instanceof Tensor) {
      const before = places.get(node.id);
      if (before !== undefined) {
        signature += `#${before}`;
        return;
      }
      places.set(node.id, leaves.length);
      leaves.push(node);
      signature += `${node.dtype}[${node.shape}]`;
    } else if (path.length > deepest)
      throw new CaptureError(`It takes and gives trees of at most ${deepest} levels, and this one may hold itself`);
    else if (Array.isArray(node)) list(node);
    else if (isRecord(node)) record(node);
    else notATree(node, wordsOf(path));
  };
  const list = (nodes: readonly unknown[]): void => {
    checkList(nodes, path);
    signature += '[';
    for (let i = 0; i < nodes.length; i++) {
      if (i in nodes) within(i, nodes[i]);
      signature += ',';
    }
    signature += ']';
  };
  const record = (node: Readonly<Record<string, unknown>>): void => {
    const [symbol] = Object.getOwnPropertySymbols(node);
    if (symbol) throw new CaptureError(`It takes and gives records whose names are texts, got ${String(symbol)}`);
    if (isKey(node)) {
      keys.push(node.threefry);
      signature += 'key';
      return;
    }
    if (isCount(node)) {
      counts.push(node.counted);
      signature += 'count';
      return;
    }
    signature += '{';
    for (const name of Object.keys(node)) {
      signature += `${quoted(name)}:`;
      within(name, node[name]);
      signature += ',';
    }
    signature += '}';
  };
  visit(tree);
  return { leaves, keys, counts, signature };
}

/** A path as messages have it. */
const wordsOf = (path: readonly (string | number)[]): string =>
  path.map((at) => (typeof at === 'number' ? `[${at}]` : `.${at}`)).join('');

const quotes = new Map<string, string>();
/** A name in quotes; the same few come at each call. */
function quoted(name: string): string {
  let text = quotes.get(name);
  if (text === undefined) {
    text = JSON.stringify(name);
    if (quotes.size < 4096) quotes.set(name, text);
  }
  return text;
}

/** Refuses a list that has properties beside its elements, such as `found` of a list that is also a record. */
function checkList(list: readonly unknown[], path: readonly (string | number)[]): void {
  // Names come behind the numbers of elements.
  const last = Object.keys(list).at(-1);
  const [symbol] = Object.getOwnPropertySymbols(list);
  const name = symbol ?? (last === undefined || Number(last) < list.length ? undefined : last);
  if (name !== undefined)
    throw new CaptureError(
      `It takes and gives lists of nothing but their elements, got one with ${String(name)} at "${wordsOf(path) || '.'}": make it a record`,
    );
}

/** A tree with something else in the place of every tensor, of the words of every random key, and of every count. */
export function replaceLeaves(
  tree: unknown,
  leaf: (tensor: Tensor) => unknown,
  words: (key: KeyWords) => unknown = (key) => key,
  count: (counted: number) => unknown = (counted) => counted,
): unknown {
  if (tree instanceof Tensor) return leaf(tree);
  if (Array.isArray(tree)) return tree.map((each) => replaceLeaves(each, leaf, words, count));
  if (!isRecord(tree)) return tree;
  if (isKey(tree)) return { threefry: words(tree.threefry) };
  if (isCount(tree)) return { counted: count(tree.counted) };
  const copy: Record<string, unknown> = { ...tree };
  for (const key of Object.keys(copy)) copy[key] = replaceLeaves(copy[key], leaf, words, count);
  return copy;
}

/** Whether a record is a random key, as `@steppe/random` makes it. */
function isKey(node: Readonly<Record<string, unknown>>): node is { readonly threefry: KeyWords } {
  const { threefry } = node;
  if (threefry === undefined) return false;
  if (!Array.isArray(threefry) || threefry.length !== 2 || Object.keys(node).length !== 1) return false;
  return threefry.every((word) => word === word >>> 0);
}

/** Whether a record is a count of steps, as `@steppe/kernels` has it. */
function isCount(node: Readonly<Record<string, unknown>>): node is { readonly counted: number } {
  return node.counted !== undefined && Number.isSafeInteger(node.counted) && Object.keys(node).length === 1;
}

function isRecord(node: unknown): node is Readonly<Record<string, unknown>> {
  if (typeof node !== 'object' || node === null) return false;
  const prototype: unknown = Object.getPrototypeOf(node);
  return prototype === Object.prototype || prototype === null;
}

function notATree(value: unknown, path: string): never {
  // It may reject later, which would end the process.
  if (value instanceof Promise) value.catch(() => null);
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  throw new CaptureError(
    `It takes and gives trees, tensors and plain data in records and lists, got one of ${kind} at "${path || '.'}"`,
  );
}
