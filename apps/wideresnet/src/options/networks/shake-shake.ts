import { count, narrowed } from '../kinds.ts';
import { describe } from './entry.ts';
import { layersOf } from './layers.ts';

/** The network of the paper's experiments with Shake-Shake regularization. */
export const shakeShake = describe({
  about: 'Shake-Shake-<depth> 2x<width>d, two branches mixed at random',
  options: {
    depth: { value: 'layers', kind: layersOf(6, '8, 14, 20, 26, ...'), fallback: 26, sizes: true, about: 'its layers' },
    width: {
      value: 'channels',
      kind: narrowed(count, 'an even number from 2 to 65536', (n) => n % 2 === 0 && n <= 65_536),
      fallback: 96,
      sizes: true,
      about: 'channels of each branch in its first stage',
    },
  },
  title: ({ depth, width }) => `Shake-Shake-${depth}-2x${width}d`,
  make: (models, { depth, width }, classes) => models.shakeShake({ depth, width, classes }),
  smaller: { tiny: { depth: 8, width: 4 }, little: { depth: 14, width: 16 } },
});
