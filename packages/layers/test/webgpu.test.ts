import { useBackend } from '@steppe/backends';
import { afterAll, expect, test } from 'vitest';
import { whyNoGpu } from '../../../tools/vitest/webgpu.ts';
import { architectures } from './support/architectures.ts';
import { gap, traceOn } from './support/on-backend.ts';

const reason = await whyNoGpu(() => useBackend('webgpu'));
afterAll(async () => void (await useBackend('cpu')));

/** What a software renderer is through with in seconds; tools/networks/webgpu.mjs runs all. */
const few = ['perceptron with regularizers', 'several inputs and outputs'];

test.skipIf(reason).each(architectures.filter(({ name }) => few.includes(name)))(
  `$name is trained on WebGPU as on WASM${reason && `: ${reason}`}`,
  async (architecture) => {
    expect(gap(await traceOn('webgpu', architecture), await traceOn('wasm', architecture))).toBeLessThan(1e-3);
  },
  300_000,
);
