import { useBackend } from '@steppe/backends';
import { key } from '@steppe/random';
import { dispose, leaves, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { afterAll, expect, test } from 'vitest';
import { whyNoGpu } from '../../../../tools/vitest/webgpu.ts';
import { networks } from './table.ts';

const reason = await whyNoGpu(() => useBackend('webgpu'));
afterAll(async () => void (await tf.setBackend('cpu')));

async function numbers(tree: Tree): Promise<readonly (readonly [path: string, values: Float32Array])[]> {
  const values = await Promise.all(
    leaves(tree).map(async ({ path, leaf }) => [path, Float32Array.from(await leaf.data())] as const),
  );
  dispose(tree);
  return values;
}

const largest = (x: ArrayLike<number>): number => Array.from(x).reduce((most, v) => Math.max(most, Math.abs(v)), 0);

test.skipIf(reason)(
  `every residual network gives on WebGPU in Node the gradients that it gives on WASM${reason && `: ${reason}`}`,
  async () => {
    for (const network of networks.filter(({ name }) => /^(ResNet|Shake|Pyramid)/.test(name))) {
      await useBackend('wasm');
      const wanted = await numbers(network.gradient(key(3)));
      await useBackend('webgpu');
      const given = new Map(await numbers(network.gradient(key(3))));
      const least = 1e-4 * Math.max(...wanted.map(([, x]) => largest(x)));
      for (const [path, x] of wanted) {
        const gap = largest(x.map((v, i) => v - (given.get(path)?.[i] ?? Number.NaN)));
        expect(gap / Math.max(largest(x), least), `${network.name} ${path}`).toBeLessThan(1e-3);
      }
    }
  },
  300_000,
);
