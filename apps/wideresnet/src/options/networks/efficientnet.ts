import { oneOf, share } from '../kinds.ts';
import { describe } from './entry.ts';

type Variant = 'b0' | 'b1' | 'b2' | 'b3' | 'b4' | 'b5' | 'b6' | 'b7' | 'l2';

/** The share of features that the published variants drop before the classifier. */
const dropouts: { readonly [variant in Variant]: number } = {
  b0: 0.2,
  b1: 0.2,
  b2: 0.3,
  b3: 0.3,
  b4: 0.4,
  b5: 0.4,
  b6: 0.5,
  b7: 0.5,
  l2: 0.5,
};

/** The EfficientNets, which the paper finetunes. */
export const efficientnet = (variant: Variant) =>
  describe({
    about: `EfficientNet-${variant.toUpperCase()}`,
    options: {
      dropout: { value: 'share', kind: share, fallback: dropouts[variant], about: 'dropout before its classifier' },
      'drop-connect': {
        value: 'share',
        kind: share,
        fallback: 0.2,
        about: 'how probably an image goes without the branch of its last block',
      },
      convention: {
        value: 'name',
        kind: oneOf(['tensorflow', 'timm', 'torchvision']),
        fallback: 'tensorflow',
        about: 'whose padding and epsilons, for weights that were learned there',
      },
    },
    title: () => `EfficientNet-${variant.toUpperCase()}`,
    make: ({ efficientNet }, { dropout, 'drop-connect': dropConnect, convention: like }, classes) =>
      efficientNet({ variant, dropout, dropConnect, like, classes }),
    names: ({ efficientNetNames }, { convention: like }) => ({
      [like === 'torchvision' ? 'torchvision' : 'timm']: efficientNetNames({ variant, like, classes: 1 }),
    }),
    smaller: {},
  });
