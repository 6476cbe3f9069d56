// The WideResNets that benchmarks train, on one batch of noise.
import { softmaxCrossEntropy, wideResNet } from '@steppe/models';
import { key, normal } from '@steppe/random';
import * as tf from '@tensorflow/tfjs-core';

/** The network and the batch that a name such as 16-4-128 or 28-10-8-32-3 stands for: depth, width, and how many images
 * of which side (28) and channels (1). */
export function classifier(name) {
  const [depth, width, batch, side = 28, channels = 1] = name.split('-').map(Number);
  const network = wideResNet({ depth, width, classes: 10 });
  const images = normal(key(1), [batch, side, side, channels]);
  const labels = tf.tensor1d(
    Array.from({ length: batch }, (_, i) => i % 10),
    'int32',
  );
  const loss = (params, state, examples) => {
    const [logits, next] = network.apply(params, state, examples.images, { training: true });
    return [softmaxCrossEntropy(logits, examples.labels), { state: next, metrics: {} }];
  };
  return {
    network: `WRN-${depth}-${width}`,
    batch,
    model: network,
    ...network.init(key(0), [side, side, channels]),
    examples: { images, labels },
    loss,
  };
}
