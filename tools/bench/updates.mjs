// Host-side cost of one update of every link, over a gradient that costs nothing, at two sizes of model.
//   npm run build && node tools/bench/updates.mjs [--backend native] [--keep]
import { parseArgs } from 'node:util';
import { useBackend } from '@steppe/backends';
import { wideResNet } from '@steppe/models';
import { key, normal } from '@steppe/random';
import * as t from '@steppe/transforms';
import { clone, dispose, map, size } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { keep, median, table } from './report.mjs';

const { values } = parseArgs({
  options: { backend: { type: 'string', default: 'native' }, keep: { type: 'boolean', default: false } },
});
const { chain, momentum, samTransform, scale, sgd } = t;
const { name } = await useBackend(values.backend);
const batch = tf.tensor1d([1, 2, 3, 4, 5, 6, 7, 8]);
/** Of every example, whatever the weights. */
const exampleLoss = (_, examples) => examples;
const isKernel = (path) => path.endsWith('.kernel');
const links = {
  'scale(-0.1)': scale(-0.1),
  'scaleBySchedule(cosineDecay(-0.1, 100))': t.scaleBySchedule(t.cosineDecay(-0.1, 100)),
  'addDecayedWeights(5e-4)': t.addDecayedWeights(5e-4),
  'trace(0.9)': t.trace(0.9),
  'clipByGlobalNorm(5)': t.clipByGlobalNorm(5),
  'clipByValue(1)': t.clipByValue(1),
  'samTransform(0.05)': samTransform(0.05),
  'samTransform(0.05, Infinity)': samTransform(0.05, Number.POSITIVE_INFINITY),
  'samTransform(0.05, 1.5)': samTransform(0.05, 1.5),
  'samTransform(0.05, 2, adaptive)': samTransform(0.05, 2, { adaptive: {} }),
  'usam(0.05)': t.usam(0.05),
  'gsam(0.05, 0.4)': t.gsam(0.05, 0.4),
  'wsam(0.05, 0.9)': t.wsam(0.05, 0.9),
  'decoupledWsam(sgd(0.1), 0.05, 0.9, 0.1)': t.decoupledWsam(sgd(0.1), 0.05, 0.9, 0.1),
  'friendlySam(0.05)': t.friendlySam(0.05),
  'vasso(0.05, 0.4)': t.vasso(0.05, 0.4),
  'lookSam(5, 0.05)': t.lookSam(5, 0.05),
  'momentumSam(0.3)': t.momentumSam(0.3),
  'esam(0.05, { exampleLoss })': t.esam(0.05, { exampleLoss }),
  'xsam(0.05, { probeEvery: 1 })': t.xsam(0.05, { probeEvery: 1 }),
  'random(0.05, 0)': t.random(0.05, 0),
  'entropySgd({ steps: 2 })': t.entropySgd({ steps: 2 }),
  'unifiedSam(0.05, 0.5)': t.unifiedSam(0.05, 0.5),
  'lossBudgetSam(0.1, 0.2)': t.lossBudgetSam(0.1, 0.2),
  'lightSam(0.05)': t.lightSam(0.05),
  'zSharp(0.05, 0.95)': t.zSharp(0.05, 0.95),
  'renormalized(samTransform(0.05))': t.renormalized(samTransform(0.05)),
  'saner(0.05, 0.5)': t.saner(0.05, 0.5),
  'asyncSam(0.05)': t.asyncSam(0.05),
  'sampa(sgd(0.1), 0.05)': t.sampa(sgd(0.1), 0.05),
  'crSam(0.1)': t.crSam(0.1),
  'bsam(0.05, { examples: 50000 })': t.bsam(0.05, { examples: 50_000 }),
  "random(0.05, 0, { noise: 'filter' })": t.random(0.05, 0, { noise: 'filter' }),
  'eigenSam(0.05, { every: 1, steps: 1 })': t.eigenSam(0.05, { every: 1, steps: 1 }),
  'eigenCorrectedSam(0.05, { every: 1, steps: 1 })': t.eigenCorrectedSam(0.05, { every: 1, steps: 1 }),
  'gam(0.05, 0.5)': t.gam(0.05, 0.5),
  'sassha(0.05, { every: 1 })': t.sassha(0.05, { every: 1 }),
  'functionalSam(0.05)': t.functionalSam(0.05),
  'after(0, samTransform(0.05))': t.after(0, samTransform(0.05)),
  'centralize()': t.centralize(),
  'averageWeights()': t.averageWeights(),
  'momentum(0.1)': momentum(0.1),
  'adam(1e-3)': t.adam(1e-3),
  'adabelief(1e-3)': t.adabelief(1e-3),
  'rmsprop(1e-3)': t.rmsprop(1e-3),
  'lamb(1e-3)': t.lamb(1e-3),
  'lion(1e-4)': t.lion(1e-4),
  'muon(0.02)': t.muon(0.02),
  'amsgrad(1e-3)': t.amsgrad(1e-3),
  'prodigy()': t.prodigy(),
  'scheduleFree(sgd(0.1), 0.1)': t.scheduleFree(sgd(0.1), 0.1),
  'chain(samTransform(0.05), polyak())': chain(samTransform(0.05), t.polyak()),
  'microBatch(4) of 8 examples': t.microBatch(4),
  'interval(2, samTransform(0.05))': t.interval(2, samTransform(0.05)),
  'lookahead(momentum(0.1), 1)': t.lookahead(momentum(0.1), 1),
  'masked(samTransform(0.05), kernels)': t.masked(samTransform(0.05), isKernel),
  'partition(kernels, others: samTransform(0.05))': t.partition({
    kernels: { select: isKernel, link: samTransform(0.05) },
    others: { select: (path) => !isKernel(path), link: samTransform(0.05) },
  }),
  'skipNonFinite(momentum(0.1))': t.skipNonFinite(momentum(0.1)),
  'the paper’s chain': chain(
    t.addDecayedWeights(5e-4),
    samTransform(0.05),
    t.clipByGlobalNorm(5),
    t.trace(0.9),
    scale(-0.1),
  ),
};

/** Milliseconds of one update, with a copy of the gradient for each that it evaluates. */
function cost(link, params, grads) {
  const evaluate = () => ({ value: tf.scalar(1), grads: clone(grads), aux: null, cotangent: null });
  // The products cost nothing but a copy either.
  const gradient = Object.assign(evaluate, { hvp: (_, __, v) => clone(v), functional: () => clone(grads) });
  let state = link.init(params);
  const times = [];
  const start = performance.now();
  // Random numbers for millions of parameters take their time: five rounds do where fifteen would take a minute.
  for (let round = 0; round < 5 || (round < 15 && performance.now() - start < 1500); round++) {
    const begin = performance.now();
    const [evaluation, next] = link.update(gradient, state, params, batch);
    times.push(performance.now() - begin);
    dispose(evaluation, state);
    state = next;
  }
  dispose(state);
  return median(times.slice(3)).toFixed(2);
}

const models = [wideResNet({ depth: 16, width: 1, classes: 10 }), wideResNet({ depth: 16, width: 4, classes: 10 })].map(
  (network) => network.init(key(0), [28, 28, 1]).params,
);
const rows = Object.entries(links).map(([link, made]) => ({
  link,
  ...Object.fromEntries(
    models.map((params) => {
      const grads = map(params, (leaf) => normal(key(1), leaf.shape));
      const milliseconds = cost(made, params, grads);
      dispose(grads);
      return [`${(size(params) / 1e6).toFixed(2)} M parameters (ms)`, milliseconds];
    }),
  ),
}));

console.log(`${name}\n\n${table(rows)}`);
if (values.keep)
  keep(
    `updates-${name}`,
    `One update of a link on ${name}`,
    `Medians of 12 updates (of fewer where they are slow) over a gradient that costs nothing but its copy, 44 leaves.\n\n${table(rows)}`,
    `node tools/bench/updates.mjs --backend ${values.backend}`,
  );
