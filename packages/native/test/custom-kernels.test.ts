import * as kernels from '@steppe/kernels';
import { expect, it } from 'vitest';
import { registerNative } from '../src/index.ts';
import { kernelsInC } from '../src/install.ts';

await registerNative();

it('brings every kernel that @steppe/kernels names, in C', () => {
  const names = Object.values(kernels).flatMap((value) => (typeof value === 'string' ? [value] : []));
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => !kernelsInC.has(name))).toEqual([]);
});
