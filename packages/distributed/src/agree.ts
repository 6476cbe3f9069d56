import { createHash } from 'node:crypto';
import { checkRecord, refusal } from '@steppe/check';
import * as tf from '@tensorflow/tfjs-core';
import { checkWorld } from './check-world.ts';
import type { World } from './world.ts';

/** What must be the same on all ranks, by what messages call it: numbers, texts, records of them, and trees of
 * tensors. */
export type Facts = { readonly [name: string]: unknown };

/** A difference is shown so long at most. */
const SHOWN = 80;

/** The bytes of numbers as text. */
function hashOf(values: ArrayBufferView): string {
  const hash = createHash('sha256');
  hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return hash.digest('hex').slice(0, 16);
}

/** What has no parts as text; undefined for records and lists. */
function textOf(name: string, fact: unknown): string | undefined {
  if (fact instanceof tf.Tensor) return `${fact.dtype} [${fact.shape}] with the values ${hashOf(fact.dataSync())}`;
  if (ArrayBuffer.isView(fact)) return `a ${fact.constructor.name} of ${fact.byteLength} bytes, ${hashOf(fact)}`;
  if (fact === undefined) return 'nothing';
  if (typeof fact === 'string') return JSON.stringify(fact);
  if (typeof fact === 'number') return Object.is(fact, -0) ? '-0' : String(fact);
  if (typeof fact === 'bigint') return `${fact}n`;
  if (typeof fact === 'boolean' || fact === null) return String(fact);
  if (
    typeof fact === 'object' &&
    (Array.isArray(fact) || [Object.prototype, null].includes(Object.getPrototypeOf(fact)))
  )
    return undefined;
  throw refusal(name, 'a number, a text, a tensor, or a record or list of them', fact);
}

/** Every part of a fact by its path, as text. */
function partsOf(name: string, fact: unknown, around: readonly unknown[] = []): readonly (readonly [string, string])[] {
  const text = textOf(name, fact);
  if (text !== undefined) return [[name, text]];
  if (around.includes(fact)) throw refusal(name, 'no record around itself', 'one that holds itself');
  const isList = Array.isArray(fact);
  const entries = Object.entries(fact as object);
  if (entries.length === 0) return [[name, isList ? '[]' : '{}']];
  return entries.flatMap(([key, part]) =>
    partsOf(isList ? `${name}[${key}]` : `${name}.${key}`, part, [...around, fact]),
  );
}

const shortened = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text);

/**
 * Makes sure, before the first step, that all ranks train the same: the version of the code, the configuration, the
 * parameters that they start from, a hash of the data.
 *
 * Ranks that differ would average gradients of different things without a word. Parameters are compared by names,
 * shapes and values; they are read from the device once.
 *
 * @throws When something differs, on all ranks: which, between which ranks, and how. When a fact cannot be compared, such
 * as a function or a Map.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { agree, world } from '@steppe/distributed';
 *
 * const workers = world();
 * const params = { kernel: tf.ones([3, 3]) };
 * agree(workers, { version: '1.0.0', options: { rho: 0.05, seed: 0 }, params });
 * ```
 */
export function agree(world: Pick<World, 'size' | 'allGather'>, facts: Facts): void {
  checkWorld(world, 'size', 'allGather');
  checkRecord('The facts', facts);
  const own = Object.entries(facts).flatMap(([name, fact]) => partsOf(name, fact));
  if (world.size === 1) return;
  const all = world
    .allGather(new TextEncoder().encode(JSON.stringify(own)))
    .map((bytes) => new Map<string, string>(JSON.parse(new TextDecoder().decode(bytes))));
  const [first = new Map<string, string>(), ...others] = all;
  for (const [i, other] of others.entries()) {
    const path = [...new Set([...first.keys(), ...other.keys()])].find((key) => first.get(key) !== other.get(key));
    if (path === undefined) continue;
    const told = (of: Map<string, string>) => shortened(of.get(path) ?? 'nothing');
    throw new Error(
      `The ranks differ in ${path}: rank 0 has ${told(first)}, rank ${i + 1} has ${told(other)}. Start all of them with the same code, options and data.`,
    );
  }
}
