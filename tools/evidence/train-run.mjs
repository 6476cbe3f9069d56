// Trains one run of the experiment on noisy labels and measures it on clean labels.
//
// The network, the chain and the random keys are those of the app, so that `steppe train` with the same options and
// seed prints the same figures: tools/evidence/label-noise.mjs gives the command of each arm.
import { batchCount, batches, symmetricLabelNoise } from '@steppe/datasets';
import { accuracy, errorRate, softmaxCrossEntropy, wideResNet } from '@steppe/models';
import { key, split } from '@steppe/random';
import { evaluate, readReport, train, trainStep } from '@steppe/train';
import {
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  cosineDecay,
  microBatch,
  random,
  samTransform,
  scaleBySchedule,
  trace,
} from '@steppe/transforms';
import { dispose } from '@steppe/tree';

/** The app's chain: decay inside the loss, SAM, micro-batches behind it, clipping, Nesterov, half a cosine. */
function optimizer({ rho = 0, m, decay, direction, lr, clip, batch }, steps, seed) {
  const perturb = direction === 'random' ? () => random(rho, seed) : () => samTransform(rho, 2);
  return chain(
    addDecayedWeights(decay),
    ...(rho > 0 ? [perturb()] : []),
    ...(m !== undefined && m < batch ? [microBatch(m)] : []),
    clipByGlobalNorm(clip),
    trace(0.9, { nesterov: true }),
    scaleBySchedule(cosineDecay(-lr, steps)),
  );
}

async function* epochsOf(images, { batch, epochs }, seed) {
  for (let epoch = 0; epoch < epochs; epoch += 1)
    yield* batches(images, { batchSize: batch, seed, epoch, shuffle: true, dropRemainder: true });
}

const round = (x) => Number(x.toFixed(5));

/** Error and loss on labelled images, with the running statistics. */
function measure(network, { params, state }, images) {
  return evaluate(
    ({ images: x, labels }) => {
      const [logits] = network.apply(params, state, x, { training: false });
      return { loss: softmaxCrossEntropy(logits, labels), errorRate: errorRate(logits, labels) };
    },
    batches(images, { batchSize: 100 }),
  );
}

/**
 * Trains a candidate from a seed and tells its error and loss on held-out and test images, which are labelled right,
 * the share of the noisy training labels that it does not fit, its cost and its seconds.
 *
 * @param arm - `{ epochs, rho, m, decay, direction }` and what all arms share:
 * `{ depth, width, noise, lr, clip, batch }`.
 * @param training - The images to train on, with right labels: the noise is drawn from the seed.
 */
export async function trainRun(arm, seed, { training, heldOut, test, classes }) {
  const [ofWeights, ofData, ofSteps, ofNoise] = split(key(seed), 4);
  const noisy = symmetricLabelNoise(ofNoise, training, arm.noise, classes);
  const network = wideResNet({ depth: arm.depth, width: arm.width, dropout: 0, classes });
  const loss = (params, state, { images, labels }, k) => {
    const [logits, next] = network.apply(params, state, images, { training: true, key: k });
    return [softmaxCrossEntropy(logits, labels), { state: next, metrics: { accuracy: accuracy(logits, labels) } }];
  };
  const steps = arm.epochs * batchCount(training.labels.length, arm.batch, true);
  const step = trainStep(loss, optimizer(arm, steps, seed));
  const initial = network.init(ofWeights, training.shape);
  const start = step.start(initial.params, initial.state, ofSteps);
  const began = performance.now();
  let gradients = 0;
  const end = await train(step, start, epochsOf(noisy, arm, ofData), async ({ report }) => {
    const { loss: value } = await readReport(report);
    gradients += report.gradients;
    if (!Number.isFinite(value)) throw new Error(`The loss is ${value}.`);
  });
  const seconds = (performance.now() - began) / 1000;
  const held = await measure(network, end, heldOut);
  const tested = await measure(network, end, test);
  const fitted = await measure(network, end, noisy);
  dispose(initial, start, end);
  return {
    heldOutError: round(held.errorRate),
    heldOutLoss: round(held.loss),
    testError: round(tested.errorRate),
    testLoss: round(tested.loss),
    noisyTrainingError: round(fitted.errorRate),
    gradients,
    seconds: Math.round(10 * seconds) / 10,
  };
}
