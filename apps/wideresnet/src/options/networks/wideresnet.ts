import { count, narrowed, share } from '../kinds.ts';
import { describe } from './entry.ts';

/** The network of the paper's experiments on CIFAR; what nobody says is as there. */
export const wideresnet = describe({
  about: 'WRN-<depth>-<width>, the WideResNets of the paper',
  options: {
    depth: {
      value: 'layers',
      kind: narrowed(count, '6n + 4 (10, 16, 22, 28, 40, ...)', (depth) => depth >= 10 && depth % 6 === 4),
      fallback: 28,
      sizes: true,
      about: 'its layers',
    },
    width: { value: 'k', kind: count, fallback: 10, sizes: true, about: 'multiplies its channels' },
    dropout: { value: 'share', kind: share, fallback: 0, about: 'dropout inside its blocks' },
  },
  title: ({ depth, width }) => `WRN-${depth}-${width}`,
  make: ({ wideResNet }, { depth, width, dropout }, classes) => wideResNet({ depth, width, dropout, classes }),
  size: ({ wideResNetSize }, { depth, width }, shape, classes) => wideResNetSize({ depth, width, classes }, shape),
  smaller: { tiny: { depth: 10, width: 1 }, little: { depth: 16, width: 1 } },
});
