import { fc } from '@fast-check/vitest';
import type { Batch } from '@steppe/datasets';
import * as tf from '@tensorflow/tfjs-core';
import type { Entry } from '../../src/chain/entry.ts';
import type { CallKind } from '../../src/chain/param.ts';
import { readChain } from '../../src/chain/read.ts';
import { tables } from '../../src/chain/table.ts';
import type { Written, WrittenChain } from '../../src/chain/written.ts';
import type { Network } from '../../src/run/network.ts';

/** Reads a chain as if it stood in no file. */
export const read = (value: unknown): WrittenChain => readChain(value, (path) => path);

/** Values of every kind that options have; which of them an option takes is found by trying. */
const candidates: readonly Written[] = JSON.parse(`[
  0, 0.05, 0.3, 0.9, 1, 2, 3, "inf", true, false, "equal", "linear", "cosine", "element", "layer", "fisher", "filter", "high", "default",
  "matrices", "norms-and-biases", "kernel$", { "by": "layer", "eta": 0.1 }, {}, [0, 0.1], [0.5, 1.5], [1], { "1": 0.5 },
  { "cosineDecay": 0.1 }, [{ "cosineDecay": 0.1 }, { "constant": 0.1 }]
]`);

/** The options of a link or of a schedule in the form in which they are kept. */
export function kept(name: string, options: Written, kind: CallKind): { readonly [option: string]: Written } {
  if (kind === 'link') return read([{ [name]: options }])[0]?.[name] ?? {};
  const rho = read([{ gsam: { rho: { [name]: options }, alpha: 1 } }])[0]?.gsam?.rho;
  return (rho as { readonly [name: string]: { readonly [option: string]: Written } } | undefined)?.[name] ?? {};
}

const taken = (name: string, { example }: Entry<unknown>, option: string, kind: CallKind): readonly Written[] =>
  candidates.flatMap((value) => {
    try {
      return [kept(name, { ...kept(name, example, kind), [option]: value }, kind)[option] ?? []];
    } catch {
      return [];
    }
  });

const pools = new Map<string, readonly Written[]>();

/** Any links and schedules of the tables with any options, in the form in which they are kept. */
export function someCall(kind: CallKind, depth: number): fc.Arbitrary<Written> {
  const entries: readonly (readonly [string, Entry<unknown>])[] = Object.entries(tables[kind]);
  return fc.constantFrom(...entries).chain(([name, entry]) => {
    const options = Object.entries(entry.takes).map(([option, { short, spare }]) => {
      const key = `${kind}.${name}.${option}`;
      const pool = pools.get(key) ?? taken(name, entry, option, kind);
      pools.set(key, pool);
      const plain = pool.length === 0 ? fc.constant(undefined) : fc.constantFrom(...pool);
      const value = (): fc.Arbitrary<Written | undefined> => {
        if (short === 'groups') return fc.constant(kept(name, entry.example, kind)[option]);
        if (short === 'link')
          return depth === 0 ? fc.constant([]) : fc.array(someCall('link', depth - 1), { maxLength: 2 });
        if (short === undefined || depth === 0) return plain;
        return fc.oneof(plain, someCall(short, depth - 1));
      };
      return [option, spare ? fc.option(value(), { nil: undefined }) : value()] as const;
    });
    return fc.record(Object.fromEntries(options)).map((made) => ({
      [name]: Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)) as Written,
    }));
  });
}

/** A network of two dense layers on images of four pixels, with running statistics of none. */
export const dense: Network = {
  init: () => ({ params: {}, state: null }),
  apply(params, state, images) {
    const { first, second } = params as {
      readonly [layer: string]: { readonly kernel: tf.Tensor2D; readonly bias: tf.Tensor1D };
    };
    const x = tf.reshape<tf.Rank.R2>(images, [-1, 4]);
    const hidden = tf.tanh(tf.add(tf.matMul(x, first!.kernel), first!.bias));
    return [tf.add(tf.matMul(hidden as tf.Tensor2D, second!.kernel), second!.bias) as tf.Tensor2D, state];
  },
};

const waves = (shape: readonly number[], speed: number): tf.Tensor =>
  tf.tidy(() => tf.reshape(tf.sin(tf.mul(tf.range(1, tf.util.sizeFromShape([...shape]) + 1), speed)), [...shape]));

/** Weights of the dense network, always the same. */
export const denseParams = () => ({
  first: { kernel: waves([4, 5], 1.3), bias: waves([5], 0.7) },
  second: { kernel: waves([5, 3], 2.1), bias: waves([3], 0.4) },
});

/** A batch of six images of three classes. */
export const images = (): Batch => ({
  images: waves([6, 2, 2, 1], 0.9) as tf.Tensor4D,
  labels: tf.tensor1d([0, 1, 2, 0, 1, 2], 'int32'),
});
