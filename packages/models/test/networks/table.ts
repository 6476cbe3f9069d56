import { hvp, valueAndGrad } from '@steppe/autograd';
import { type Key, key, normal } from '@steppe/random';
import { chain, samTransform } from '@steppe/transforms';
import { map, pure, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import {
  type ApplyOptions,
  cifarResNet,
  efficientNet,
  type Model,
  mlp,
  mlpMixer,
  pyramidNet,
  resNet,
  shakeShake,
  smallCnn,
  softmaxCrossEntropy,
  visionTransformer,
  wideResNet,
} from '../../src/index.ts';

type Shape = readonly [height: number, width: number, channels: number];

/** A tiny network on a fixed batch, with what the shared tests ask of every network; what each gives is the caller's. */
export type Tiny = {
  readonly name: string;
  /** Whether it draws noise in training, and so needs a key. */
  readonly noisy: boolean;
  /** What `hvp` names when it refuses the network in training; nothing where second derivatives are right. */
  readonly refused?: string;
  readonly init: (key: Key) => Tree;
  /** Logits and the next state. */
  readonly apply: (options: ApplyOptions) => Tree;
  /** Loss, gradient and next state in training. */
  readonly gradient: (key: Key) => Tree;
  /** The gradient of SAM. */
  readonly sam: (rho: number, key: Key) => Tree;
  /** The Hessian in training times a fixed vector. */
  readonly curvature: (key: Key) => Tree;
};

const images = 4;
const classes = 3;

function tiny<Params extends Tree, State extends Tree>(
  name: string,
  model: Model<Params, State>,
  shape: Shape,
  { noisy = false, refused }: { readonly noisy?: boolean; readonly refused?: string } = {},
): Tiny {
  const start = () => model.init(key(0), shape);
  const batch = () => normal<tf.Rank.R4>(key(1), [images, ...shape]);
  const loss =
    (state: State, random: Key) =>
    (params: Params, x: tf.Tensor4D): readonly [tf.Scalar, State] => {
      const [logits, next] = model.apply(params, state, x, { training: true, key: random });
      return [softmaxCrossEntropy(logits, tf.tensor1d([0, 2, 1, 2], 'int32')), next];
    };
  return {
    name,
    noisy,
    ...(refused === undefined ? {} : { refused }),
    init: (random) => model.init(random, shape),
    apply: (options) =>
      pure(() => {
        const { params, state } = start();
        return model.apply(params, state, batch(), options);
      }),
    gradient: (random) =>
      pure(() => {
        const { params, state } = start();
        const { value, grads, aux } = valueAndGrad(loss(state, random))(params, batch());
        return { value, grads, aux };
      }),
    sam: (rho, random) =>
      pure(() => {
        const { params, state } = start();
        const links = chain(samTransform(rho));
        const gradient = valueAndGrad(loss(state, random));
        const [{ value, grads, aux }] = links.update(gradient, links.init(params), params, batch());
        return { value, grads, aux };
      }),
    curvature: (random) =>
      pure(() => {
        const { params, state } = start();
        const v = map(params, (leaf) => normal(key(leaf.size), leaf.shape));
        return hvp((w: Params, x: tf.Tensor4D) => loss(state, random)(w, x)[0])(params, batch(), v);
      }),
  };
}

/** Every network of the package, as small as it comes. */
export const networks: readonly Tiny[] = [
  tiny('WRN-10-1 with dropout', wideResNet({ depth: 10, width: 1, classes, dropout: 0.3 }), [8, 8, 1], { noisy: true }),
  tiny('ResNet-10', resNet({ depth: 10, width: 2, classes }), [16, 16, 2]),
  tiny('ResNet-14 with the ImageNet stem', resNet({ depth: 14, width: 2, classes, stem: 'imagenet' }), [33, 30, 2]),
  tiny('ResNet-8 for CIFAR', cifarResNet({ depth: 8, width: 4, classes }), [8, 7, 3]),
  tiny('Shake-Shake 8 2x4d', shakeShake({ depth: 8, width: 4, classes }), [8, 7, 3], { noisy: true, refused: 'shake' }),
  tiny('PyramidNet-8', pyramidNet({ depth: 8, alpha: 10, classes }), [8, 7, 3]),
  tiny(
    'PyramidNet-11 with bottlenecks and ShakeDrop',
    pyramidNet({ depth: 11, alpha: 10, bottleneck: true, shakeDrop: 0.5, classes }),
    [8, 8, 3],
    { noisy: true, refused: 'shake' },
  ),
  tiny('EfficientNet, a tenth as wide', efficientNet({ variant: { width: 0.1, depth: 0.4 }, classes }), [20, 18, 2], {
    noisy: true,
  }),
  tiny(
    'EfficientNet as PyTorch has it, without noise',
    efficientNet({ variant: { width: 0.1, depth: 0.1 }, classes, like: 'timm', dropout: 0, dropConnect: 0 }),
    [20, 18, 2],
  ),
  tiny(
    'ViT of two blocks with dropout and drop path',
    visionTransformer({
      variant: { features: 12, depth: 2, heads: 3 },
      ...{ patch: 4, classes, dropout: 0.1, dropPath: 0.3 },
    }),
    [8, 12, 2],
    { noisy: true },
  ),
  tiny(
    'MLP-Mixer of two blocks',
    mlpMixer({ variant: { features: 8, depth: 2, tokenFeatures: 6, channelFeatures: 10 }, patch: 4, classes }),
    [8, 12, 2],
  ),
  tiny('small CNN', smallCnn({ classes, widths: [4, 6] }), [9, 8, 2]),
  tiny('multilayer perceptron', mlp({ widths: [8, 5], classes, activation: 'geluTanh' }), [4, 5, 2]),
];
