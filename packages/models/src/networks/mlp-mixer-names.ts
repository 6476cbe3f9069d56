import { affineNames, denseNames, type WeightName } from '../weights/names.ts';
import { type MlpMixerOptions, readMixerOptions } from './mlp-mixer.ts';

/**
 * Names the weights of an MLP-Mixer as timm does (`mixer_b16_224`, ...).
 *
 * @param options - Those that made the network.
 * @throws When `mlpMixer` does.
 *
 * @example
 * ```ts
 * import { mlpMixerNames } from '@steppe/models';
 *
 * console.log(mlpMixerNames({ variant: 'base', classes: 10 })[0]?.name); // => stem.proj.weight
 * ```
 */
export function mlpMixerNames(options: MlpMixerOptions): readonly WeightName[] {
  const { depth } = readMixerOptions('mlpMixerNames', options);
  const blocks = Array.from({ length: depth }, (_, b) => {
    const [path, name] = [`.blocks[${b}]`, `blocks.${b}`];
    return [
      ...affineNames(`${path}.norm1`, `${name}.norm1`),
      ...denseNames(`${path}.tokens.expand`, `${name}.mlp_tokens.fc1`),
      ...denseNames(`${path}.tokens.project`, `${name}.mlp_tokens.fc2`),
      ...affineNames(`${path}.norm2`, `${name}.norm2`),
      ...denseNames(`${path}.channels.expand`, `${name}.mlp_channels.fc1`),
      ...denseNames(`${path}.channels.project`, `${name}.mlp_channels.fc2`),
    ];
  });
  return [
    ...denseNames('.patches', 'stem.proj', { layout: 'conv' }),
    ...blocks.flat(),
    ...affineNames('.norm', 'norm'),
    ...denseNames('.dense', 'head', { head: true }),
  ];
}
