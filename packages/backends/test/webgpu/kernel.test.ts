import type { KernelBackend } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { webGpuKernel } from '../../src/webgpu/kernel.ts';

test.each([false, true])(
  'a kernel of other kernels frees what they make, but for its result; breaking off: %s',
  (fails) => {
    const freed: object[] = [];
    const backend = {
      disposeData: (id: object) => freed.push(id),
      incRef: () => {},
    } as unknown as KernelBackend;
    const made: object[] = [];
    const { make } = webGpuKernel('Sum', (_, replaced) => {
      replaced({}, {});
      const result = replaced({}, {});
      if (fails) throw new Error('out of range');
      return result;
    });
    const kernel = make(() => {
      const dataId = {};
      made.push(dataId);
      return { dataId, shape: [], dtype: 'float32' };
    });
    const run = () => kernel({ inputs: {}, attrs: {}, backend });
    if (fails) expect(run).toThrow('out of range');
    else expect(run()).toMatchObject({ dataId: made[1] });
    expect(freed).toEqual(fails ? made : made.slice(0, 1));
  },
);
