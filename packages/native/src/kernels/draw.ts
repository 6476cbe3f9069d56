import { Draw, type DrawAttrs, distributions } from '@steppe/kernels';
import { oneOf, real, wholes } from '../arguments/numbers.ts';
import { refuse } from '../arguments/refusal.ts';
import { sized } from '../arguments/tensors.ts';
import { sizeOf } from '../memory/data.ts';
import { check, type Kernel, kernel, type Runtime } from '../runtime.ts';

/** Random numbers by Threefry: those that `@steppe/random` draws on the host. */
export function drawKernels({ library, storage }: Runtime): Kernel[] {
  return [
    kernel<'key', DrawAttrs>(Draw, ({ key }, { shape, distribution, a, b }) => {
      if (key.dtype !== 'int32') refuse('key', 'int32', key.dtype);
      sized('key', key, 2);
      wholes('shape', shape);
      const code = distributions.indexOf(oneOf('distribution', distribution, distributions));
      const { address } = storage.get(key.dataId);
      const y = storage.output(shape, 'float32');
      check(
        library.steppe_draw(code, address, storage.get(y.dataId).address, sizeOf(shape), real('a', a), real('b', b)),
      );
      return y;
    }),
  ];
}
