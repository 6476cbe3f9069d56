import { useBackend } from '@steppe/backends';
import { fallbackKernels } from '@steppe/native';
import { key } from '@steppe/random';
import { dispose, leaves, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { networks, type Tiny } from './table.ts';

const backends = ['cpu', 'wasm', 'native'] as const;
type Values = ReadonlyMap<string, Float32Array>;

const take = (tree: Tree): Values => {
  const values = new Map(leaves(tree).map(({ path, leaf }) => [path, Float32Array.from(leaf.dataSync())]));
  dispose(tree);
  return values;
};

const largest = (x: Iterable<number>): number => [...x].reduce((most, v) => Math.max(most, Math.abs(v)), 0);

/** The largest difference anywhere, relative to the largest number in each tensor, where it is not zero but for
 * rounding: the gradient of a bias is, when a later normalization takes it out. */
function gap(a: Values, b: Values): number {
  expect([...a.keys()]).toEqual([...b.keys()]);
  const least = 1e-4 * Math.max(...[...b.values()].map(largest));
  const gaps = [...a].map(([path, x]) => {
    const y = b.get(path) as Float32Array;
    return largest(x.map((v, i) => v - (y[i] as number))) / Math.max(largest(y), least);
  });
  return Math.max(...gaps);
}

/** Runs on a backend and gives the numbers; what is left beside them is an error. */
function cleanly(run: () => Tree): Values {
  const before = tf.memory().numTensors;
  const values = take(run());
  expect(tf.memory().numTensors).toBe(before);
  return values;
}

const run = (network: Tiny, seed = 3): Values => cleanly(() => network.gradient(key(seed)));

const found = new Map<string, Values>();
const at = (backend: string, name: string): Values => found.get(`${backend} ${name}`) as Values;

describe.each(backends)('on %s', (backend) => {
  beforeAll(async () => void (await useBackend(backend)), 60_000);
  afterAll(async () => void (await tf.setBackend('cpu')));

  test.each(networks)('$name: a gradient, and nothing left behind', (network) => {
    found.set(`${backend} ${network.name}`, run(network));
    found.set(
      `${backend} ${network.name} evaluated`,
      cleanly(() => network.apply({ training: false })),
    );
    expect([...at(backend, network.name).values()].every((x) => x.every(Number.isFinite))).toBe(true);
  });
});

describe.each(networks)('$name', (network) => {
  test('gives the same gradients and logits on all backends', () => {
    for (const backend of ['wasm', 'native']) {
      expect(gap(at(backend, network.name), at('cpu', network.name)), backend).toBeLessThan(1e-3);
      const evaluated = `${network.name} evaluated`;
      expect(gap(at(backend, evaluated), at('cpu', evaluated)), backend).toBeLessThan(1e-4);
    }
  });

  test('moves every parameter', () => {
    const still = [...at('cpu', network.name)].filter(([path, x]) => path.startsWith('.grads') && largest(x) === 0);
    expect(still.map(([path]) => path)).toEqual([]);
  });

  describe('on native', () => {
    beforeAll(async () => void (await useBackend('native')), 60_000);
    afterAll(async () => void (await tf.setBackend('cpu')));

    test('trains and evaluates in C alone', () => {
      const before = fallbackKernels();
      take(network.sam(0.05, key(3)));
      take(network.apply({ training: false }));
      expect(fallbackKernels()).toEqual(before);
    });

    test.runIf(network.noisy)('draws its noise from the key: the same one in both passes of SAM', () => {
      const once = run(network);
      expect(gap(run(network), once)).toBe(0);
      expect(gap(run(network, 4), once)).toBeGreaterThan(1e-3);
      expect(
        gap(
          cleanly(() => network.sam(0, key(3))),
          once,
        ),
      ).toBe(0);
      expect(() => network.apply({ training: true })).toThrow('needs a random key');
    });

    test.runIf(network.refused === undefined)('has a Hessian that native and WASM agree on', async () => {
      const native = cleanly(() => network.curvature(key(3)));
      await tf.setBackend('wasm');
      const wasm = cleanly(() => network.curvature(key(3)));
      await tf.setBackend('native');
      expect(gap(native, wasm)).toBeLessThan(1e-2);
    });

    test.runIf(network.refused !== undefined)('is refused a Hessian by the name of its noise', () => {
      expect(() => network.curvature(key(3))).toThrow(`${network.refused} has no verified second derivative`);
    });
  });

  test('is the same network for the same key', () => {
    const init = (seed: number) => cleanly(() => network.init(key(seed)));
    expect(gap(init(5), init(5))).toBe(0);
    expect(gap(init(6), init(5))).toBeGreaterThan(0.1);
  });
});
