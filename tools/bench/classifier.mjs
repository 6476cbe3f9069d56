// The WideResNets that benchmarks train, on one batch of noise.
import { softmaxCrossEntropy, wideResNet } from '@steppe/models';
import { key, normal } from '@steppe/random';
import * as tf from '@tensorflow/tfjs-core';

/** The network and the batch that a name such as 16-4-128 stands for: depth, width, images of 28 × 28 × 1. */
export function classifier(name) {
  const [depth, width, batch] = name.split('-').map(Number);
  const network = wideResNet({ depth, width, classes: 10 });
  const images = normal(key(1), [batch, 28, 28, 1]);
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
    ...network.init(key(0), [28, 28, 1]),
    examples: { images, labels },
    loss,
  };
}
