import { checkOneOf, checkRecord } from '@steppe/check';
import { batchNormNames, convNames, denseNames, type WeightName } from '../weights/names.ts';
import { isProjected, type ResNetOptions, variants } from './resnet.ts';

/**
 * Lists the names that torchvision, and timm likewise, give to the tensors of a ResNet, for `loadSafetensors` and
 * `exportSafetensors`.
 *
 * The published weights are those of the ImageNet stem: `stem: 'imagenet'` takes them for images below 64 pixels, too.
 *
 * @param options - Those of `resNet`; only `depth` matters.
 * @throws When there is no such depth.
 *
 * @example
 * ```ts
 * import { resNetNames } from '@steppe/models';
 *
 * const { path, name } = resNetNames({ depth: 18 })[10] ?? {};
 * console.log(path, name); // => .stages[0][0].conv2.kernel layer1.0.conv2.weight
 * ```
 */
export function resNetNames(options: Pick<ResNetOptions, 'depth'>): readonly WeightName[] {
  checkRecord('The options of resNetNames', options);
  const { depth } = options;
  checkOneOf('depth', depth, Object.keys(variants).map(Number));
  const { blocks, bottleneck } = variants[depth];
  const layers = bottleneck ? [1, 2, 3] : [1, 2];
  const stages = blocks.flatMap((count, stage) =>
    Array.from({ length: count }, (_, block) => {
      const [path, name] = [`.stages[${stage}][${block}]`, `layer${stage + 1}.${block}`];
      return [
        ...layers.flatMap((n) => [
          ...convNames(`${path}.conv${n}`, `${name}.conv${n}`),
          ...batchNormNames(`${path}.norm${n}`, `${name}.bn${n}`),
        ]),
        ...(isProjected(bottleneck, stage, block === 0)
          ? [
              ...convNames(`${path}.shortcut.conv`, `${name}.downsample.0`),
              ...batchNormNames(`${path}.shortcut.norm`, `${name}.downsample.1`),
            ]
          : []),
      ];
    }).flat(),
  );
  return [
    ...convNames('.stem.conv', 'conv1'),
    ...batchNormNames('.stem.norm', 'bn1'),
    ...stages,
    ...denseNames('.dense', 'fc', { head: true }),
  ];
}
