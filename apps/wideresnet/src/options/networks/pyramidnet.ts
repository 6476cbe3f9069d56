import { part, positive } from '../kinds.ts';
import { describe } from './entry.ts';
import { layersOf } from './layers.ts';

const alpha = (fallback: number) =>
  ({
    value: 'channels',
    kind: positive,
    fallback,
    sizes: true,
    about: 'channels that its blocks add to the first',
  }) as const;

const shakeDrop = {
  value: 'share',
  kind: part,
  fallback: 1,
  about: 'ShakeDrop: how probably the last block stays as it is; the paper has 0.5, and 1 shakes none',
} as const;

const shaken = (keep: number): { readonly shakeDrop?: number } => (keep === 1 ? {} : { shakeDrop: keep });

/** The PyramidNet of bottlenecks; that of the paper is without a word. */
export const pyramidnet = describe({
  about: 'PyramidNet-<depth>-<alpha> of bottlenecks, with ShakeDrop or without',
  options: {
    depth: {
      value: 'layers',
      kind: layersOf(9, '11, 20, ..., 164, 200, 272'),
      fallback: 272,
      sizes: true,
      about: 'its layers',
    },
    alpha: alpha(200),
    'shake-drop': shakeDrop,
  },
  title: (own) => `PyramidNet-${own.depth}-${own.alpha}${own['shake-drop'] === 1 ? '' : '-ShakeDrop'}`,
  make: ({ pyramidNet }, own, classes) =>
    pyramidNet({ depth: own.depth, alpha: own.alpha, bottleneck: true, ...shaken(own['shake-drop']), classes }),
  smaller: { tiny: { depth: 11, alpha: 8 }, little: { depth: 29, alpha: 24 } },
});

/** The PyramidNet of blocks of two convolutions. */
export const pyramidnetBasic = describe({
  about: 'PyramidNet-<depth>-<alpha> of blocks of two convolutions',
  options: {
    depth: { value: 'layers', kind: layersOf(6, '8, 14, ..., 110'), fallback: 110, sizes: true, about: 'its layers' },
    alpha: alpha(84),
    'shake-drop': shakeDrop,
  },
  title: (own) => `PyramidNet-${own.depth}-${own.alpha}-basic${own['shake-drop'] === 1 ? '' : '-ShakeDrop'}`,
  make: ({ pyramidNet }, own, classes) =>
    pyramidNet({ depth: own.depth, alpha: own.alpha, ...shaken(own['shake-drop']), classes }),
  smaller: { tiny: { depth: 8, alpha: 8 }, little: { depth: 20, alpha: 24 } },
});
