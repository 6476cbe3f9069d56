import { useBackend } from '@steppe/backends';
import * as tf from '@tensorflow/tfjs';
import { afterAll, expect, test } from 'vitest';
import { whyNoGpu } from '../../../../tools/vitest/webgpu.ts';
import { faultsOnWebGpu } from './on-webgpu.ts';
import { networks } from './table.ts';

const reason = await whyNoGpu(() => useBackend('webgpu'));
afterAll(async () => void (await tf.setBackend('cpu')));

/** What a software renderer is through with in seconds; tools/networks/webgpu.mjs runs all of every network. */
const whole = ['ResNet-8 for CIFAR', 'multilayer perceptron'];
const briefly = ['PyramidNet-11 with bottlenecks and ShakeDrop', 'ViT of two blocks with dropout and drop path'];

test.skipIf(reason).each([...whole, ...briefly])(
  `%s gives on WebGPU in Node what it gives on WASM${reason && `: ${reason}`}`,
  async (name) => {
    const network = networks.find((each) => each.name === name);
    expect(network && (await faultsOnWebGpu(network, briefly.includes(name)))).toEqual([]);
  },
  300_000,
);
