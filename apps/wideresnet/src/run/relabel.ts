import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { dispose, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import type { Options } from '../options/table.ts';
import type { AnyImages } from './augmented.ts';
import { heldOut } from './data.ts';
import type { NoisyData } from './label-noise.ts';
import { makeNetwork, type Network } from './network.ts';
import { shownPath } from './run-folder.ts';
import { checkClasses } from './unseen.ts';
import { loadRun, type SavedRun, weightsOf } from './weights.ts';
import { fileOfWeights } from './weights-file.ts';

/** Whose predictions the training labels are. */
export type Relabelled = {
  /** The weights that predict, by their whole path. */
  readonly file: string;
  /** How many labels are others than before. */
  readonly changed: number;
  /** SHA-256 of the labels that the run trains on: equal hashes, equal labels. */
  readonly sha256: string;
};

/** Images some of whose training labels are what another run predicts. */
export type RelabelledData = NoisyData & { readonly relabelled?: Relabelled };

/**
 * Finds the weights that `--relabel` names, before there are data or a device.
 *
 * @throws When there are none.
 */
export const relabellingFile = (path: string): Promise<string> =>
  fileOfWeights(path, (why, code, cause) => new CommandError(`--relabel ${shownPath(path)} ${why}`, code, { cause }));

/** The likeliest class of each image, in their order. */
async function predicted(
  network: Network,
  { params, state }: { readonly params: Tree; readonly state: Tree },
  images: AnyImages,
): Promise<readonly number[]> {
  const classes: number[] = [];
  for await (const batch of heldOut(images)) {
    const most = tf.tidy(() => {
      const [logits] = network.apply(params, state, batch.images, { training: false });
      return tf.argMax<tf.Tensor1D>(logits, 1);
    });
    classes.push(...(await most.data()));
    dispose(most, batch);
  }
  return classes;
}

/** Refuses a run that saw other images: what it predicts of these means nothing. */
function checkSubject(saved: SavedRun, { dataset }: NoisyData): void {
  const [own, here] = [saved.shape ?? dataset.shape, dataset.shape];
  checkClasses(saved, dataset);
  if (own.join() !== here.join())
    throw new CommandError(
      `--relabel: the run sees images of ${own.join(' × ')}, this one of ${here.join(' × ')}: give a run on the same ones.`,
      exitCode.data,
    );
}

/**
 * Replaces the training labels by those that a run predicts, where the options name one: the bootstrapping of the paper,
 * a second run from new weights on the labels that the first one predicts.
 *
 * @returns The data as they are where no run is named; their hash stays that of the labels as published.
 * @throws When the run is none, or of other classes or images.
 * @see Foret et al., ICLR 2021, section 3.3
 */
export async function withRelabels({ relabel }: Pick<Options, 'relabel'>, data: NoisyData): Promise<RelabelledData> {
  if (relabel === undefined) return data;
  const file = await relabellingFile(relabel);
  const saved = await loadRun(file);
  try {
    checkSubject(saved, data);
    const { train } = data.dataset;
    const network = makeNetwork(saved.options, data.dataset);
    const classes = await predicted(network, weightsOf(network, data.dataset.shape, saved), train);
    const labels = train.labels.map((_, i) => classes[i] as number);
    const changed = labels.filter((label, i) => label !== train.labels[i]).length;
    const sha256 = createHash('sha256').update(labels).digest('hex');
    const dataset = { ...data.dataset, train: { ...train, labels } };
    return { ...data, dataset, relabelled: { file: resolve(file), changed, sha256 } };
  } finally {
    dispose(saved.tree);
  }
}
