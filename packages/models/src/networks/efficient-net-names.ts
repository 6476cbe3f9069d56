import { batchNormNames, convNames, denseNames, type WeightName } from '../weights/names.ts';
import { type EfficientNetOptions, readEfficientNetOptions } from './efficient-net.ts';
import { type MBConvShape, scaled } from './efficient-net-scale.ts';

/** The names of a block in timm: it calls the last 1×1 convolution of a block that widens `pwl`. */
function ofTimm({ expand }: MBConvShape, s: number, b: number): readonly WeightName[] {
  const [path, name] = [`.stages[${s}][${b}]`, `blocks.${s}.${b}`];
  const widens = expand > 1;
  const norm = widens ? 2 : 1;
  return [
    ...(widens
      ? [...convNames(`${path}.expand`, `${name}.conv_pw`), ...batchNormNames(`${path}.norm1`, `${name}.bn1`)]
      : []),
    ...convNames(`${path}.depthwise`, `${name}.conv_dw`, 'depthwise'),
    ...batchNormNames(`${path}.norm2`, `${name}.bn${norm}`),
    ...denseNames(`${path}.excite.reduce`, `${name}.se.conv_reduce`, { layout: 'pointwise' }),
    ...denseNames(`${path}.excite.expand`, `${name}.se.conv_expand`, { layout: 'pointwise' }),
    ...convNames(`${path}.project`, `${name}.conv_pw${widens ? 'l' : ''}`),
    ...batchNormNames(`${path}.norm3`, `${name}.bn${norm + 1}`),
  ];
}

/** The names of a block in torchvision: the places of its parts, convolution and normalization together. */
function ofTorchvision({ expand }: MBConvShape, s: number, b: number): readonly WeightName[] {
  const [path, name] = [`.stages[${s}][${b}]`, `features.${s + 1}.${b}.block`];
  const first = expand > 1 ? 1 : 0;
  const both = (conv: string, norm: string, place: number, layout: 'conv' | 'depthwise' = 'conv') => [
    ...convNames(`${path}.${conv}`, `${name}.${place}.0`, layout),
    ...batchNormNames(`${path}.${norm}`, `${name}.${place}.1`),
  ];
  return [
    ...(expand > 1 ? both('expand', 'norm1', 0) : []),
    ...both('depthwise', 'norm2', first, 'depthwise'),
    ...denseNames(`${path}.excite.reduce`, `${name}.${first + 1}.fc1`, { layout: 'pointwise' }),
    ...denseNames(`${path}.excite.expand`, `${name}.${first + 1}.fc2`, { layout: 'pointwise' }),
    ...both('project', 'norm3', first + 2),
  ];
}

/**
 * Names the weights of an EfficientNet as the library calls them that it is `like`: timm (also for `tensorflow`, whose
 * weights are its `tf_efficientnet_*`) or torchvision.
 *
 * @param options - Those that made the network.
 * @throws When `efficientNet` does.
 *
 * @example
 * ```ts
 * import { efficientNetNames } from '@steppe/models';
 *
 * const names = efficientNetNames({ variant: 'b0', classes: 10, like: 'torchvision' });
 * console.log(names[0]); // => { path: '.stem.kernel', name: 'features.0.0.weight', layout: 'conv', of: 'params' }
 * ```
 */
export function efficientNetNames(options: EfficientNetOptions): readonly WeightName[] {
  const { stages } = scaled(readEfficientNetOptions('efficientNetNames', options));
  const torchvision = options.like === 'torchvision';
  const last = `features.${stages.length + 1}`;
  const [stem, stemNorm, head, headNorm, classifier] = torchvision
    ? ['features.0.0', 'features.0.1', `${last}.0`, `${last}.1`, 'classifier.1']
    : ['conv_stem', 'bn1', 'conv_head', 'bn2', 'classifier'];
  const names = torchvision ? ofTorchvision : ofTimm;
  return [
    ...convNames('.stem', stem),
    ...batchNormNames('.stemNorm', stemNorm),
    ...stages.flatMap((all, s) => all.flatMap((block, b) => names(block, s, b))),
    ...convNames('.head', head),
    ...batchNormNames('.headNorm', headNorm),
    ...denseNames('.dense', classifier, { head: true }),
  ];
}
