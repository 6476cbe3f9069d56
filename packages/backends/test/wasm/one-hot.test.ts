import { fc, test } from '@fast-check/vitest';
import { OneHot } from '@tensorflow/tfjs-core';
import { describe } from 'vitest';
import { expectSameAsCpu, tensorOf } from '../support.ts';

describe('OneHot on WASM', () => {
  const labels = tensorOf([2, 5], fc.integer({ min: -2, max: 6 }), 'int32');
  const types = fc.constantFrom('float32', 'int32', 'bool');
  test.prop([labels, types])(
    'is what it is on the CPU, for every type and for labels of no class',
    async (indices, dtype) => {
      const [onValue, offValue] = dtype === 'bool' ? [1, 0] : [3, -2];
      await expectSameAsCpu(OneHot, { indices }, { depth: 4, onValue, offValue, dtype }, 0);
    },
  );
});
