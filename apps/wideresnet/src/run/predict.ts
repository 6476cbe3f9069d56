import { normalize } from '@steppe/datasets';
import { decodeImage } from '@steppe/datasets/node';
import { readRegular, reasonOf } from '@steppe/files';
import type { Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import type { Network } from './network.ts';
import type { Subject } from './subject.ts';

/** A class and how likely it is. */
export type Likely = { readonly name: string; readonly probability: number };

/** What a network says of an image, the likeliest class first; or why the file is none. */
export type Prediction = { readonly file: string } & (
  | { readonly classes: readonly Likely[] }
  | { readonly broken: CommandError }
);

/** Images that are decoded and shown to the network at once. */
const atOnce = 32;

const maxBytes = 1 << 30;

async function pixelsOf(file: string, { shape, view, normalization }: Subject): Promise<Float32Array | CommandError> {
  const bytes = await readRegular(file, { maxBytes });
  try {
    const { pixels } = await decodeImage(bytes, view, { channels: shape[2] === 1 ? 1 : 3 });
    return normalize(normalization)(pixels);
  } catch (cause) {
    const reason = reasonOf((cause as Error).cause ?? cause);
    return new CommandError(`${file} cannot be read as an image (${reason}).`, exitCode.data, { cause });
  }
}

/** The probabilities of all classes for some images, one after the other. */
async function probabilitiesOf(
  network: Network,
  { params, state }: { readonly params: Tree; readonly state: Tree },
  images: readonly Float32Array[],
  { shape }: Subject,
): Promise<readonly (readonly number[])[]> {
  const size = shape[0] * shape[1] * shape[2];
  const numbers = new Float32Array(images.length * size);
  for (const [i, image] of images.entries()) numbers.set(image, i * size);
  const probabilities = tf.tidy(() => {
    const [logits] = network.apply(params, state, tf.tensor4d(numbers, [images.length, ...shape]), { training: false });
    return tf.softmax(logits);
  });
  try {
    return await probabilities.array();
  } finally {
    probabilities.dispose();
  }
}

/**
 * Says what a network sees in the images of some files, in their order.
 *
 * @param top - How many classes are named for each.
 * @throws When a file cannot be opened, or the network gives no numbers.
 */
export async function* predictions(
  network: Network,
  weights: { readonly params: Tree; readonly state: Tree },
  subject: Subject,
  { files, top }: { readonly files: readonly string[]; readonly top: number },
): AsyncGenerator<Prediction, void, undefined> {
  for (let from = 0; from < files.length; from += atOnce) {
    const some = files.slice(from, from + atOnce);
    const decoded = await Promise.all(some.map((file) => pixelsOf(file, subject)));
    const images = decoded.filter((pixels) => pixels instanceof Float32Array);
    const rows = images.length === 0 ? [] : await probabilitiesOf(network, weights, images, subject);
    let row = 0;
    for (const [i, file] of some.entries()) {
      const pixels = decoded[i];
      if (pixels instanceof CommandError) yield { file, broken: pixels };
      else yield { file, classes: likeliest(rows[row++] ?? [], subject.classes, top) };
    }
  }
}

function likeliest(probabilities: readonly number[], names: readonly string[], top: number): readonly Likely[] {
  if (!probabilities.every(Number.isFinite))
    throw new CommandError('The network gives no numbers: its weights are of no use.', exitCode.data);
  return probabilities
    .map((probability, i) => ({ name: names[i] ?? String(i), probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, top);
}
