import { dirname } from 'node:path';
import { type Batch, batches } from '@steppe/datasets';
import type { Select } from '@steppe/transforms';
import { dispose } from '@steppe/tree';
import { CommandError } from '../commands/exit-codes.ts';
import { isFileDataset } from '../options/file-datasets.ts';
import type { Options } from '../options/table.ts';
import { percent } from '../report/format.ts';
import type { Weights } from '../run/best-weights.ts';
import { type Data, loadData } from '../run/data.ts';
import { frozenParts } from '../run/frozen.ts';
import { imagesAtOnce } from '../run/images-at-once.ts';
import { withLabelNoise } from '../run/label-noise.ts';
import { limited } from '../run/limited.ts';
import { checkHolding } from '../run/memory.ts';
import { makeNetwork, type Network } from '../run/network.ts';
import { withOverfit } from '../run/overfit.ts';
import { type RelabelledData, withRelabels } from '../run/relabel.ts';
import { shownPath } from '../run/run-folder.ts';
import { checkClasses } from '../run/unseen.ts';
import { withValidation } from '../run/validation.ts';
import { loadRun, type SavedRun, weightsFile, weightsOf } from '../run/weights.ts';
import { tellChanges } from './changed-config.ts';
import type { SharpnessOptions } from './options.ts';

/** Weights of a run, and the step that they are of. */
export type StepWeights = Weights & { readonly step: number | undefined };

/** A run whose sharpness is measured. */
export type Subject = {
  /** What it is called beside others. */
  readonly name: string;
  readonly folder: string;
  readonly options: Options;
  readonly network: Network;
  readonly data: Data;
  /** What its labels are, in words. */
  readonly labels: string;
  /** Whether these are the images that the run was trained with. */
  readonly sameData: boolean;
  /** The images on the device, batch by batch. */
  readonly images: readonly Batch[];
  readonly examples: number;
  /** The weights that the run is about. */
  readonly end: StepWeights;
  /** Chooses the leaves that were trained; undefined where all were. */
  readonly wanted: Select | undefined;
  free(): void;
};

/** Where images come from, beside what the run itself says. */
export type Places = Pick<Options, 'download'> & Partial<Pick<Options, 'data' | 'images' | 'workers'>>;

/** Refuses what says nothing of the images of the run. */
function checkPlaces({ data, images, workers }: Places, trained: Options): void {
  const ofFolder = (images ?? trained.images) !== undefined;
  if (data !== undefined && ofFolder)
    throw new CommandError('--from has no effect, the images are files of a folder: say where it is by --images.');
  if (workers !== undefined && !ofFolder && !isFileDataset(trained.dataset))
    throw new CommandError(`--workers has no effect with the dataset ${trained.dataset} of the run: leave it out.`);
}

/** Images that a gradient is computed of at once, at most. */
const most = 128;

async function onDevice(
  split: Parameters<typeof limited>[0],
  batchSize: number,
  limit: number,
): Promise<readonly Batch[]> {
  const all: Batch[] = [];
  for await (const batch of batches(limited(split, limit), { batchSize })) all.push(batch);
  return all;
}

/** The data of a run as it was trained with: what was held out is held out, and wrong labels are wrong. */
async function asTrained(options: Options, clean: Data, split: SharpnessOptions['data']): Promise<RelabelledData> {
  const labelled = withOverfit(options, withLabelNoise(options, withValidation(options, clean)));
  // Of held-out images no run predicts the labels.
  return split === 'test' ? labelled : withRelabels(options, labelled);
}

/** What was done to the labels of training images, in words that are the same for the same labels. */
function labelsOf({ labelNoise, relabelled }: RelabelledData): string {
  if (relabelled !== undefined) return `as another run predicts them (SHA-256 ${relabelled.sha256.slice(0, 8)}...)`;
  if (labelNoise === undefined) return 'as they are';
  return `${percent(labelNoise.share, 0)} wrong (SHA-256 ${labelNoise.sha256.slice(0, 8)}...)`;
}

/**
 * Opens a run: its weights, and the images that it is measured on.
 *
 * @param batchSize - Of the images; the run's own where it is not said.
 * @throws When the run or its images are missing, damaged or do not fit each other.
 */
export async function openSubject(
  run: string,
  { data: split, limit }: Pick<SharpnessOptions, 'data' | 'limit'>,
  places: Places,
  note: (text: string) => void,
  signal: AbortSignal,
  batchSize?: number,
): Promise<Subject> {
  const file = await weightsFile(run);
  const saved: SavedRun = await loadRun(file);
  const { tree, options } = saved;
  try {
    checkPlaces(places, options);
    await tellChanges(dirname(file), options, note);
    const clean = await loadData({ ...options, ...places }, note, signal);
    checkClasses(saved, clean.dataset);
    const data = await asTrained(options, clean, split);
    checkHolding(options, data, tree);
    const network = makeNetwork(options, data.dataset);
    const end = { ...weightsOf(network, data.dataset.shape, saved), step: saved.step };
    const images = await onDevice(data.dataset[split], batchSize ?? Math.min(most, imagesAtOnce(options)), limit);
    const folder = dirname(file);
    const isFrozen = options.freeze === undefined ? undefined : frozenParts(options.freeze);
    return {
      name: saved.method === undefined ? shownPath(folder) : `${saved.method} (${shownPath(folder)})`,
      folder,
      options,
      network,
      data,
      labels: split === 'test' ? 'as they are' : labelsOf(data),
      sameData: data.sha256 === saved.sha256,
      images,
      examples: images.reduce((sum, { labels }) => sum + labels.size, 0),
      end,
      wanted: isFrozen && ((path, leaf) => !isFrozen(path, leaf)),
      free: () => dispose(tree, images),
    };
  } catch (error) {
    dispose(tree);
    throw error;
  }
}
