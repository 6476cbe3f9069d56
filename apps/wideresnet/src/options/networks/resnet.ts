import { oneOf, toggle } from '../kinds.ts';
import { describe } from './entry.ts';
import { channels, layersOf } from './layers.ts';

/** Which stem a first kernel of such a side belongs to. */
const stemOf = (side: number | undefined): string | undefined =>
  side === 7 ? 'imagenet' : side === 3 ? 'small' : undefined;

/** The ResNets of the paper's experiments on ImageNet, by depth; torchvision and timm name their weights alike. */
export const resnet = (depth: 18 | 34 | 50 | 101 | 152) =>
  describe({
    about: `ResNet-${depth}`,
    options: {
      width: { value: 'channels', kind: channels, fallback: 64, sizes: true, about: 'channels of its first stage' },
      stem: {
        value: 'name',
        kind: oneOf(['auto', 'imagenet', 'small']),
        fallback: 'auto',
        about: 'its first layers: imagenet, small for images with a side below 64, auto by the images',
      },
      'zero-init': {
        kind: toggle,
        fallback: false,
        about: 'begin every branch as zero, as in the code of the paper',
      },
    },
    title: ({ width }) => `ResNet-${depth}${width === 64 ? '' : `-${width}`}`,
    make: ({ resNet }, { width, stem, 'zero-init': zeroInitResidual }, classes) =>
      resNet({ depth, width, stem, zeroInitResidual, classes }),
    names: ({ resNetNames }) => ({ 'torchvision and timm': resNetNames({ depth }) }),
    said(shapes, own, side) {
      const [width, , stem] = shapes['conv1.weight'] ?? [];
      return [
        ['width', width, own.width],
        ['stem', stemOf(stem), own.stem === 'auto' ? (side < 64 ? 'small' : 'imagenet') : own.stem],
      ];
    },
    smaller: { tiny: { width: 4 }, little: { width: 16 } },
  });

/** The ResNets of the first paper's experiments on CIFAR. */
export const cifarResnet = describe({
  about: 'ResNet-<depth> for images of 32 pixels: 20, 32, 56, ...',
  options: {
    depth: {
      value: 'layers',
      kind: layersOf(6, '8, 14, 20, 32, 56, ...'),
      fallback: 32,
      sizes: true,
      about: 'its layers',
    },
    width: { value: 'channels', kind: channels, fallback: 16, sizes: true, about: 'channels of its first stage' },
  },
  title: ({ depth, width }) => `ResNet-${depth}${width === 16 ? '' : `-${width}`}`,
  make: ({ cifarResNet }, { depth, width }, classes) => cifarResNet({ depth, width, classes }),
  smaller: { tiny: { depth: 8, width: 4 }, little: { depth: 20 } },
});
