import { createHash } from 'node:crypto';
import { checkRecord } from '@steppe/check';
import { leaves, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { World } from './world.ts';

/** What must be the same on all ranks, by what messages call it: numbers, texts, records of them, and trees of
 * tensors. */
export type Facts = { readonly [name: string]: unknown };

/** A difference is shown so long at most. */
const SHOWN = 80;

const holdsTensors = (fact: unknown): fact is Tree =>
  fact instanceof tf.Tensor ||
  (typeof fact === 'object' && fact !== null && Object.values(fact).some((part) => holdsTensors(part)));

/** A tensor as text: its shape, and a hash of its values. */
function written(leaf: tf.Tensor): string {
  const values = leaf.dataSync();
  const hash = createHash('sha256');
  hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return `${leaf.dtype} [${leaf.shape}] with the values ${hash.digest('hex').slice(0, 16)}`;
}

/** Every part of a fact by its path, as text. */
function partsOf(name: string, fact: unknown): readonly (readonly [path: string, text: string])[] {
  if (holdsTensors(fact)) return leaves(fact).map(({ path, leaf }) => [`${name}${path}`, written(leaf)] as const);
  if (typeof fact !== 'object' || fact === null) return [[name, JSON.stringify(fact) ?? 'nothing']];
  return Object.entries(fact).flatMap(([key, part]) =>
    partsOf(Array.isArray(fact) ? `${name}[${key}]` : `${name}.${key}`, part),
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
 * @throws When something differs, on all ranks: which, between which ranks, and how.
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
  checkRecord('The facts', facts);
  if (world.size === 1) return;
  const own = Object.entries(facts).flatMap(([name, fact]) => partsOf(name, fact));
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
