import { type Batch, batches, type Split, slice, symmetricLabelNoise } from '@steppe/datasets';
import { accuracy } from '@steppe/models';
import { foldIn, key, split } from '@steppe/random';
import { evaluate, readReport, readScalars, type TrainStep, trainStep } from '@steppe/train';
import { clone, dispose, norm, pure, type Tree } from '@steppe/tree';
import type { Scalar } from '@tensorflow/tfjs-core';
import { tooFar } from '../radius.ts';
import type { Settings } from '../settings.ts';
import type { Images } from './images.ts';
import { lossAlongLine, type Place, sharpness } from './landscape.ts';
import { lossOf, network, type Params, type State, trainingLoss } from './network.ts';
import { optimizers } from './optimizers.ts';
import { trail } from './trail.ts';

/** One number for each of the two optimizers. */
export type Pair = { readonly sgd: number; readonly sam: number };

/** What is measured now and then, beside the loss of each step. */
export type Measurement = {
  readonly step: number;
  /** The share of test images that each network gets right. */
  readonly accuracy: Pair;
  /** L(w + ε̂(w)) - L(w). */
  readonly sharpness: Pair;
  /** The loss along the line from the weights of SGD to those of SAM, at `positions`. */
  readonly line: readonly number[];
};

/** Where both stand, as copies that stay when they go on. */
export type Standing = {
  readonly step: number;
  readonly start: Params;
  readonly sgd: Params;
  readonly sam: Params;
  /** The weights of each whenever it was measured, from the start on. */
  readonly trails: { readonly [name in keyof Pair]: readonly Float32Array[] };
};

/** SGD and SAM, from the same weights over the same batches. */
export type Contest = {
  /** What is to be said of the settings before the run. */
  readonly warnings: readonly string[];
  /** Makes one step of each and gives the losses before it. */
  readonly step: () => Promise<{ readonly step: number; readonly loss: Pair }>;
  readonly measure: () => Promise<Measurement>;
  /** Copies of the weights, the caller's to free. */
  readonly standing: () => Standing;
  /** The loss that is measured. */
  readonly loss: (params: Params, images: Batch) => Scalar;
  /** A few training images to measure it on where that takes long; they stay the contest's. */
  readonly few: Batch;
  readonly dispose: () => void;
};

const PROBES = 128;
const FEW = 64;
const CLASSES = 10;

/** The training images over and over, each epoch in another order. */
async function* forever(train: Split, batchSize: number, seed: ReturnType<typeof key>): AsyncGenerator<Batch> {
  for (let epoch = 0; ; epoch++)
    yield* batches(train, { batchSize, seed, epoch, shuffle: true, dropRemainder: true, prefetch: 0 });
}

const firstOf = async (train: Split, count: number): Promise<Batch> => {
  for await (const batch of batches(slice(train, 0, count), { batchSize: count })) return batch;
  throw new Error('There are no training images.');
};

const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** One of the two, with the position that it has reached. */
function racer(step: TrainStep<Params, State, readonly Tree[], Batch>, start: Place, seed: ReturnType<typeof key>) {
  let position = step.start(start.params, start.state, seed);
  return {
    place: (): Place => position,
    count: (): number => position.step,
    async advance(batch: Batch): Promise<number> {
      const before = position;
      const { position: next, report } = step.update(before, batch);
      position = next;
      dispose(before);
      try {
        return (await readReport(report)).loss;
      } finally {
        dispose(report);
      }
    },
    dispose: () => dispose(position),
  };
}

/**
 * Prepares SGD and SAM to run side by side; it holds tensors until `dispose`.
 *
 * @throws When a step's loss is no longer a finite number, with the remedy.
 */
export async function contest(settings: Settings, images: Images): Promise<Contest> {
  const [ofWeights, ofData, ofSteps] = split(key(settings.seed), 3);
  const ofLabels = foldIn(key(settings.seed), 3);
  const first = slice(images.train, 0, Math.min(settings.images, images.train.labels.length));
  const train = symmetricLabelNoise(ofLabels, first, settings.noise, CLASSES);
  const { sgd: plain, sam: sharp } = optimizers(settings);
  const start = network.init(ofWeights, train.shape);
  const sgd = racer(trainStep(trainingLoss, plain), start, ofSteps);
  const sam = racer(trainStep(trainingLoss, sharp), start, ofSteps);
  const trails = { sgd: trail(), sam: trail() };
  const length = pure(() => norm(start.params));
  const { weights } = await readScalars({ weights: length });
  const warning = tooFar(settings.rho, settings.p, weights as number);
  dispose(length);
  const [probe, few] = [await firstOf(train, PROBES), await firstOf(train, FEW)];
  const stream = forever(train, settings.batch, ofData);

  const finite = (name: string, loss: number): number => {
    if (Number.isFinite(loss)) return loss;
    throw new Error(
      `${name} diverged at step ${sgd.count()} (its loss is ${loss}): take a smaller learning rate or ρ.`,
    );
  };
  const testAccuracy = async ({ params, state }: Place): Promise<number> => {
    const measured = await evaluate(
      ({ images: x, labels }: Batch) => {
        const [logits] = network.apply(params, state, x, { training: false });
        return { accuracy: accuracy(logits, labels) };
      },
      batches(images.test, { batchSize: 250 }),
    );
    return measured.accuracy as number;
  };
  const rise = (place: Place): Promise<number> => sharpness(place, probe, settings.rho, settings.p);

  return {
    warnings: warning === undefined ? [] : [warning],
    async step() {
      const { value: batch } = await stream.next();
      try {
        const loss = {
          sgd: finite('SGD', await sgd.advance(batch)),
          sam: finite('SAM', await sam.advance(batch)),
        };
        return { step: sgd.count(), loss };
      } finally {
        dispose(batch);
      }
    },
    async measure() {
      await trails.sgd.add(sgd.place().params);
      await trails.sam.add(sam.place().params);
      return {
        step: sgd.count(),
        accuracy: { sgd: await testAccuracy(sgd.place()), sam: await testAccuracy(sam.place()) },
        sharpness: { sgd: await rise(sgd.place()), sam: await rise(sam.place()) },
        line: await lossAlongLine(sgd.place(), sam.place().params, probe, breathe),
      };
    },
    standing: () => ({
      step: sgd.count(),
      start: clone(start.params),
      sgd: clone(sgd.place().params),
      sam: clone(sam.place().params),
      trails: { sgd: trails.sgd.points(), sam: trails.sam.points() },
    }),
    loss: lossOf(start.state),
    few,
    dispose() {
      sgd.dispose();
      sam.dispose();
      dispose(start, probe, few);
    },
  };
}
