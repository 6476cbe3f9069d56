import { share } from '../kinds.ts';
import { describe } from './entry.ts';
import { channels } from './layers.ts';

const patch = {
  value: 'pixels',
  kind: channels,
  fallback: 16,
  about: 'side of its patches; 4 suits images of 32 pixels',
} as const;

const dropPath = {
  value: 'share',
  kind: share,
  fallback: 0,
  about: 'how probably an image goes without a branch of its last block',
} as const;

const short = { tiny: 'Ti', small: 'S', base: 'B', large: 'L' } as const;

/** The side of images of so many patches in a square. */
const sideOf = (patch: number | undefined, patches: number | undefined): number | undefined =>
  patch === undefined || patches === undefined ? undefined : patch * Math.sqrt(patches);

/** The vision transformers that timm and torchvision know, too. */
export const visionTransformer = (variant: 'tiny' | 'small' | 'base') =>
  describe({
    about: `ViT-${short[variant]}/<patch>, a vision transformer`,
    options: {
      patch,
      dropout: { value: 'share', kind: share, fallback: 0, about: 'dropout inside its blocks' },
      'drop-path': dropPath,
    },
    title: (own) => `ViT-${short[variant]}-${own.patch}`,
    make: (models, own, classes) =>
      models.visionTransformer({
        variant,
        patch: own.patch,
        dropout: own.dropout,
        dropPath: own['drop-path'],
        classes,
      }),
    names: ({ visionTransformerNames }, own) => ({
      timm: visionTransformerNames({ variant, patch: own.patch, classes: 1 }, 'timm'),
      torchvision: visionTransformerNames({ variant, patch: own.patch, classes: 1 }, 'torchvision'),
    }),
    said(shapes, own, side) {
      const [, , , width] = shapes['patch_embed.proj.weight'] ?? shapes['conv_proj.weight'] ?? [];
      const [, places] = shapes.pos_embed ?? shapes['encoder.pos_embedding'] ?? [];
      return [
        ['patch', width, own.patch],
        ['image-size', sideOf(width, places && places - 1), side],
      ];
    },
    // As many patches as in the published one, of images of 28 or 32 pixels.
    smaller: { little: { patch: 4 } },
  });

/** The MLP-Mixers, by size. */
export const mixer = (variant: 'small' | 'base' | 'large') =>
  describe({
    about: `Mixer-${short[variant]}/<patch>, dense layers over patches and over channels`,
    options: { patch, 'drop-path': dropPath },
    title: (own) => `Mixer-${short[variant]}-${own.patch}`,
    make: ({ mlpMixer }, own, classes) => mlpMixer({ variant, patch: own.patch, dropPath: own['drop-path'], classes }),
    names: ({ mlpMixerNames }, own) => ({ timm: mlpMixerNames({ variant, patch: own.patch, classes: 1 }) }),
    said(shapes, own, side) {
      const [, , , width] = shapes['stem.proj.weight'] ?? [];
      const [, tokens] = shapes['blocks.0.mlp_tokens.fc1.weight'] ?? [];
      return [
        ['patch', width, own.patch],
        ['image-size', sideOf(width, tokens), side],
      ];
    },
    smaller: { little: { patch: 4 } },
  });
