import { createHash } from 'node:crypto';
import { key } from '@steppe/random';
import type { Normalization } from '../../dataset.ts';
import { holdOut } from '../../hold-out.ts';
import { labelsOf } from '../../labels.ts';
import { normalizations } from '../../normalize.ts';
import { grouped } from '../remote-file.ts';
import { defaultWorkers } from './decoders.ts';
import { fileImages } from './file-images.ts';
import type { ListedFile } from './image-file.ts';
import type { ImageDataset, ImageOptions } from './image-options.ts';
import { type LabelledFile, type Listing, noteOf } from './listing.ts';
import { type SurveyOptions, survey, surveyFolder } from './survey.ts';
import { centerCrop } from './view.ts';
import type { FileSplit } from './with-view.ts';

/** What an image is known by without being read. */
const digestOfName = ({ name, bytes }: ListedFile): Buffer =>
  createHash('sha256').update(`by name\0${name}\0${bytes}`).digest();

async function digestsOf(files: readonly ListedFile[], options: ImageOptions, ask: SurveyOptions) {
  const [digest, check] = [options.hash !== 'names', options.onBroken === 'skip'];
  if (digest || check) {
    const { digests, broken } = await survey(files, { digest, check, measure: false }, ask);
    if (digest) return { digests, broken };
    return { digests: new Uint8Array(Buffer.concat(files.map(digestOfName))), broken };
  }
  return { digests: new Uint8Array(Buffer.concat(files.map(digestOfName))), broken: new Map<number, string>() };
}

/** The means of ImageNet's constants over the colours. */
const grey: Normalization = { mean: [0.449], std: [0.226] };

/** Mean and standard deviation of pixels by their sums. */
function measured(sums: readonly number[], pixels: number): Normalization {
  const channels = sums.length / 2;
  const mean = sums.slice(0, channels).map((sum) => sum / pixels / 255);
  const std = sums.slice(channels).map((sum, c) => Math.sqrt(sum / pixels / 255 ** 2 - (mean[c] as number) ** 2));
  return { mean, std: std.map((s) => s || 1) };
}

async function normalizationOf(
  train: readonly ListedFile[],
  options: ImageOptions,
  ask: SurveyOptions,
): Promise<Normalization> {
  const { normalization = 'imagenet' } = options;
  if (typeof normalization === 'object') return normalization;
  if (normalization === 'imagenet') return ask.channels === 1 ? grey : normalizations.imagenet;
  const { sums } = await survey(train, { digest: false, check: false, measure: true }, ask);
  return measured(sums, train.length * ask.view.size ** 2);
}

/**
 * Makes a dataset of files that were found: known by their hashes, broken ones left out or not, normalized.
 *
 * @throws When a share is to be held out and comes to no image.
 */
export async function imageDataset(listing: Listing, options: ImageOptions): Promise<ImageDataset> {
  const { size = 224, channels = 3, share = 0.1, seed = 0, maxPixels = 100_000_000 } = options;
  const { workers = defaultWorkers(), signal, onProgress } = options;
  const { name, root, classes } = listing;
  const view = centerCrop(size);
  const ask = { root, view, channels, maxPixels, workers, cache: surveyFolder(), signal, onProgress };
  const listed = [...listing.train, ...(listing.test ?? [])];
  const files = listed.map(({ file }) => file);
  const { digests, broken } = await digestsOf(files, options, ask);
  const images = fileImages({ root, files, digests, view, channels, maxPixels, workers });
  const part = (from: number, to: number): readonly [places: Uint32Array, some: readonly LabelledFile[]] => {
    const places = Uint32Array.from({ length: to - from }, (_, i) => from + i).filter((place) => !broken.has(place));
    return [places, Array.from(places, (place) => listed[place] as LabelledFile)];
  };
  const [trainPlaces, trainFiles] = part(0, listing.train.length);
  const normalization = await normalizationOf(
    trainFiles.map(({ file }) => file),
    options,
    ask,
  );
  const splitOf = ([places, some]: ReturnType<typeof part>): FileSplit => ({
    images,
    places,
    labels: labelsOf(
      classes.length,
      some.map(({ label }) => label),
    ),
    shape: [size, size, channels],
    normalization,
  });
  const all = splitOf([trainPlaces, trainFiles]);
  const [train, test] =
    listing.test === undefined
      ? holdOut(key(seed), all, share)
      : [all, splitOf(part(listing.train.length, listed.length))];
  if (test.labels.length === 0 || train.labels.length === 0)
    throw new Error(
      `${root} has ${all.labels.length} training images and ${test.labels.length} held out: it needs some of both.`,
    );
  return {
    name,
    source: `${root}, ${grouped(train.labels.length)} training and ${grouped(test.labels.length)} held-out images in ${classes.length} classes`,
    classes,
    shape: train.shape,
    train,
    test,
    drawn: listing.test === undefined,
    notes: [
      ...listing.notes,
      ...noteOf(
        [...broken].map(([i, why]) => `${files[i]?.name} (${why})`),
        (named) => `Left out, since they are broken: ${named}.`,
      ),
      ...(listing.test === undefined
        ? [
            `Held out: ${grouped(test.labels.length)} of ${grouped(all.labels.length)} images, drawn by the seed ${seed}, since there is no folder of others.`,
          ]
        : []),
      ...normalizationNote(options, channels),
    ],
  };
}

function normalizationNote({ normalization = 'imagenet' }: ImageOptions, channels: 1 | 3): readonly string[] {
  if (typeof normalization === 'object') return [];
  if (normalization === 'measured') return ['Normalized by mean and standard deviation of the training images.'];
  return [`Normalized by the constants of ImageNet${channels === 1 ? ', averaged over the colours' : ''}.`];
}
