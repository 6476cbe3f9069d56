import { checkOneOf } from '@steppe/check';
import { affineNames, denseNames, type WeightName } from '../weights/names.ts';
import { readTransformerOptions, type VisionTransformerOptions } from './vision-transformer.ts';

/** What the libraries call the parts of a Vision Transformer. */
const parts = {
  timm: {
    patches: 'patch_embed.proj',
    token: 'cls_token',
    positions: 'pos_embed',
    block: (b: number) => `blocks.${b}`,
    norm1: 'norm1',
    qkv: ['attn.qkv.weight', 'attn.qkv.bias'],
    out: 'attn.proj',
    norm2: 'norm2',
    expand: 'mlp.fc1',
    project: 'mlp.fc2',
    norm: 'norm',
    dense: 'head',
  },
  torchvision: {
    patches: 'conv_proj',
    token: 'class_token',
    positions: 'encoder.pos_embedding',
    block: (b: number) => `encoder.layers.encoder_layer_${b}`,
    norm1: 'ln_1',
    qkv: ['self_attention.in_proj_weight', 'self_attention.in_proj_bias'],
    out: 'self_attention.out_proj',
    norm2: 'ln_2',
    expand: 'mlp.0',
    project: 'mlp.3',
    norm: 'encoder.ln',
    dense: 'heads.head',
  },
} as const;

/**
 * Names the weights of a Vision Transformer as timm (`vit_tiny_patch16_224`, ...) or torchvision (`vit_b_16`) does.
 *
 * @param options - Those that made the network.
 * @throws When `visionTransformer` does, or the library is another.
 *
 * @example
 * ```ts
 * import { visionTransformerNames } from '@steppe/models';
 *
 * const names = visionTransformerNames({ variant: 'tiny', classes: 10 }, 'timm');
 * console.log(names[0]?.name, names.length); // => patch_embed.proj.weight 152
 * ```
 */
export function visionTransformerNames(
  options: VisionTransformerOptions,
  library: 'timm' | 'torchvision',
): readonly WeightName[] {
  checkOneOf('library', library, Object.keys(parts));
  const { depth } = readTransformerOptions('visionTransformerNames', options);
  const names = parts[library];
  const blocks = Array.from({ length: depth }, (_, b): readonly WeightName[] => {
    const [path, name] = [`.blocks[${b}]`, names.block(b)];
    const [kernel, bias] = names.qkv;
    return [
      ...affineNames(`${path}.norm1`, `${name}.${names.norm1}`),
      { path: `${path}.attention.qkv.kernel`, name: `${name}.${kernel}`, layout: 'dense', of: 'params' },
      { path: `${path}.attention.qkv.bias`, name: `${name}.${bias}`, layout: 'same', of: 'params' },
      ...denseNames(`${path}.attention.out`, `${name}.${names.out}`),
      ...affineNames(`${path}.norm2`, `${name}.${names.norm2}`),
      ...denseNames(`${path}.mlp.expand`, `${name}.${names.expand}`),
      ...denseNames(`${path}.mlp.project`, `${name}.${names.project}`),
    ];
  });
  return [
    ...denseNames('.patches', names.patches, { layout: 'conv' }),
    { path: '.token', name: names.token, layout: 'same', of: 'params' },
    { path: '.positions', name: names.positions, layout: 'same', of: 'params', prefix: 1 },
    ...blocks.flat(),
    ...affineNames('.norm', names.norm),
    ...denseNames('.dense', names.dense, { head: true }),
  ];
}
