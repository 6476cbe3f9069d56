// What benchmarks time of a WideResNet: a gradient, a step of SAM, an evaluation; kernel by kernel, captured, and captured without
// fused calls.
import { valueAndGrad } from '@steppe/autograd';
import { capture } from '@steppe/native';
import { key } from '@steppe/random';
import { trainStep } from '@steppe/train';
import { addDecayedWeights, chain, samTransform, scale, trace } from '@steppe/transforms';
import { dispose, size } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { classifier } from './classifier.mjs';

/**
 * The works of a network as classifier.mjs names it. `eager[work]`, `captured[work]` and
 * `unfused[work]` run once and give what to free,
 * and the tensor that is ready last.
 */
export function worksOf(name) {
  const { params, state, examples, loss, network, model } = classifier(name);
  const gradient = valueAndGrad((w, batch) => loss(w, state, batch));
  const step = trainStep(loss, chain(samTransform(0.05), addDecayedWeights(5e-4), trace(0.9), scale(-1e-3)));
  const evaluation = (w, s, images) => tf.tidy(() => model.apply(w, s, images, { training: false })[0]);
  const position = step.start(params, state, key(2));
  const works = (gradientOf, update, evaluate) => ({
    gradient: () => {
      const result = gradientOf(params, examples);
      return [result, result.value];
    },
    'SAM step': () => {
      const result = update(position, examples);
      return [result, result.report.loss];
    },
    evaluation: () => {
      const result = evaluate(params, state, examples.images);
      return [result, result];
    },
  });
  const functions = [gradient, step.update, evaluation];
  // As `train` does it.
  const captures = functions.map((each) => capture(each, { warmup: 0 }));
  const apart = functions.map((each) => capture(each, { warmup: 0, fuse: false }));
  return {
    network,
    parameters: size(params),
    eager: works(...functions),
    captured: works(...captures),
    unfused: works(...apart),
    free: () => {
      for (const each of [...captures, ...apart]) each.dispose();
      dispose(params, state, examples, position);
    },
  };
}
