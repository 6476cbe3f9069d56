import { checkNumber, checkOptions, count, type Rule } from '@steppe/check';
import { split } from '@steppe/random';
import { initBatchNorm } from '../layers/batch-norm.ts';
import { initConv } from '../layers/conv.ts';
import { initDense } from '../layers/dense.ts';
import { checkedModel } from './checked-model.ts';
import { initResidual } from './residual-block.ts';
import { applyResNet, type ResNet, type ResNetParams, type ResNetState } from './resnet.ts';
import { initStages } from './stages.ts';

/** Says which ResNet for small images. */
export type CifarResNetOptions = {
  /** Layers with weights on the longest path: 6n + 2 for n blocks in each of the three stages. */
  readonly depth: number;
  /** How many logits come out. */
  readonly classes: number;
  /**
   * The channels of the first stage; each further one has twice as many.
   *
   * @defaultValue 16
   */
  readonly width?: number;
};

const depths: Rule = ['6n + 2 (8, 14, 20, 32, 44, 56, 110, ...)', (depth) => count[1]((depth - 2) / 6)];

/**
 * Makes the network of the paper's experiments with label noise (ResNet-32): a convolution, three stages of residual
 * blocks with 16, 32 and 64 channels, the latter two beginning with a stride of 2, a mean over the image and a dense
 * layer.
 *
 * Shortcuts have no parameters (the paper's option A): where the channels double they take every other pixel and append
 * channels of zeros. So ResNet-20 has 269,722 parameters, ResNet-32 464,154, ResNet-56 853,018 and ResNet-110 1,727,962
 * for ten classes. Images may have any size and number of channels. Initial values are those of `heNormal` and
 * `initDense`.
 *
 * @throws When an option is out of its range or unknown; when applied to a state of another depth.
 * @see He et al., Deep residual learning for image recognition (2015), section 4.2 and table 6 (arXiv:1512.03385).
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { cifarResNet } from '@steppe/models';
 * import { key } from '@steppe/random';
 * import { size } from '@steppe/tree';
 *
 * const model = cifarResNet({ depth: 20, classes: 10 });
 * const { params, state } = model.init(key(0), [8, 8, 3]);
 * const [logits] = model.apply(params, state, tf.ones([2, 8, 8, 3]), { training: false });
 * console.log(size(params), logits.shape); // => 269722 [ 2, 10 ]
 * ```
 */
export function cifarResNet(options: CifarResNetOptions): ResNet {
  checkOptions('cifarResNet', options, ['depth', 'classes', 'width']);
  const { depth, classes, width = 16 } = options;
  checkNumber('depth', depth, depths);
  checkNumber('classes', classes, count);
  checkNumber('width', width, count);
  const blocks = new Array<number>(3).fill((depth - 2) / 6);

  return checkedModel<ResNetParams, ResNetState>({
    init: (key, [, , channels]) => {
      const [stemKey, stagesKey, denseKey] = split(key, 3);
      const norm = initBatchNorm(width);
      const stages = initStages(stagesKey, blocks, (blockKey, { stage, stride }) => {
        const own = width * 2 ** stage;
        const shape = { before: own / stride, channels: own, bottleneck: false, projected: false, lastScale: 1 };
        return initResidual(blockKey, shape);
      });
      return {
        params: {
          stem: { conv: initConv(stemKey, 3, channels, width), norm: norm.params },
          stages: stages.params,
          dense: initDense(denseKey, 4 * width, classes),
        },
        state: { stem: { norm: norm.state }, stages: stages.state },
      };
    },

    apply: applyResNet,
  });
}
