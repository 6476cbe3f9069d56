import { efficientnet } from './efficientnet.ts';
import type { NetworkEntry } from './entry.ts';
import { pyramidnet, pyramidnetBasic } from './pyramidnet.ts';
import { mlp, smallCnn } from './quick.ts';
import { cifarResnet, resnet } from './resnet.ts';
import { shakeShake } from './shake-shake.ts';
import { mixer, visionTransformer } from './vision-transformer.ts';
import { wideresnet } from './wideresnet.ts';

/**
 * The networks that can be trained, by name: adding one here is all that it takes. A size that was published under a
 * name of its own is an entry; where the numbers are free they are options.
 */
export const networks = {
  wideresnet,
  resnet18: resnet(18),
  resnet34: resnet(34),
  resnet50: resnet(50),
  resnet101: resnet(101),
  resnet152: resnet(152),
  'cifar-resnet': cifarResnet,
  'shake-shake': shakeShake,
  pyramidnet,
  'pyramidnet-basic': pyramidnetBasic,
  'efficientnet-b0': efficientnet('b0'),
  'efficientnet-b1': efficientnet('b1'),
  'efficientnet-b2': efficientnet('b2'),
  'efficientnet-b3': efficientnet('b3'),
  'efficientnet-b4': efficientnet('b4'),
  'efficientnet-b5': efficientnet('b5'),
  'efficientnet-b6': efficientnet('b6'),
  'efficientnet-b7': efficientnet('b7'),
  'efficientnet-l2': efficientnet('l2'),
  'vit-tiny': visionTransformer('tiny'),
  'vit-small': visionTransformer('small'),
  'vit-base': visionTransformer('base'),
  'mixer-small': mixer('small'),
  'mixer-base': mixer('base'),
  'mixer-large': mixer('large'),
  'small-cnn': smallCnn,
  mlp,
} as const satisfies { readonly [name: string]: NetworkEntry };
