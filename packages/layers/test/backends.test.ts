import { useBackend } from '@steppe/backends';
import { afterAll, describe, expect, test } from 'vitest';
import { architectures } from './support/architectures.ts';
import { gap, traceOn } from './support/on-backend.ts';

afterAll(async () => void (await useBackend('cpu')));

describe.each(architectures)('$name', (architecture) => {
  test('is trained on native and WASM as on the CPU backend', async () => {
    const expected = await traceOn('cpu', architecture);
    for (const backend of ['native', 'wasm'] as const)
      expect(gap(await traceOn(backend, architecture), expected), backend).toBeLessThan(1e-4);
  });
});
