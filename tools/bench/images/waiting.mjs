// How long training steps on native wait for batches that threads decode meanwhile.
import { useBackend } from '@steppe/backends';
import { batches } from '@steppe/datasets';
import { loadImageFolder, randomResizedCrop, withView } from '@steppe/datasets/node';
import { resNet, softmaxCrossEntropy } from '@steppe/models';
import { key } from '@steppe/random';
import { trainStep } from '@steppe/train';
import { chain, samTransform, scale, trace } from '@steppe/transforms';
import { dispose } from '@steppe/tree';

/** Trains a ResNet-18 for some steps; the first three, which start threads and kernels, do not count. */
async function wait(folder, workers, { size, batch, steps }) {
  const network = resNet({ depth: 18, classes: 2 });
  const loss = (params, state, { images, labels }) => {
    const [logits, next] = network.apply(params, state, images, { training: true });
    return [softmaxCrossEntropy(logits, labels), { state: next, metrics: {} }];
  };
  const step = trainStep(loss, chain(samTransform(0.05), trace(0.9), scale(-0.01)));
  const { params, state } = network.init(key(0), [size, size, 3]);
  let position = step.start(params, state, key(1));
  const { train } = await loadImageFolder(folder, { workers, hash: 'names' });
  const seen = withView(train, randomResizedCrop(size));
  const [waits, works] = [[], []];
  let asked = performance.now();
  for await (const examples of batches(seen, { batchSize: batch, shuffle: true })) {
    const got = performance.now();
    const next = step.update(position, examples);
    await next.report.loss.data();
    dispose(position, { ...examples }, next.report);
    position = next.position;
    waits.push(got - asked);
    works.push(performance.now() - got);
    if (works.length === steps + 3) break;
    asked = performance.now();
  }
  const sum = (list) => list.slice(3).reduce((total, x) => total + x, 0);
  return {
    network: 'ResNet-18',
    pixels: size,
    batch,
    'SAM step (s)': (sum(works) / steps / 1000).toFixed(3),
    'wait (ms)': (sum(waits) / steps).toFixed(1),
    'share of time waiting (%)': ((100 * sum(waits)) / (sum(waits) + sum(works))).toFixed(2),
  };
}

/** Measures a usual network at the usual size, and at a size at which its steps are short. */
export async function waiting(folder, workers) {
  await useBackend('native');
  const rows = [];
  for (const setting of [
    { size: 224, batch: 16, steps: 6 },
    { size: 64, batch: 32, steps: 10 },
  ])
    rows.push(await wait(folder, workers, setting));
  return rows;
}
