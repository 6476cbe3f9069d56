import type { NetworkEntry } from './entry.ts';
import { pyramidnet, pyramidnetBasic } from './pyramidnet.ts';
import { cifarResnet, resnet } from './resnet.ts';
import { shakeShake } from './shake-shake.ts';
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
} as const satisfies { readonly [name: string]: NetworkEntry };
