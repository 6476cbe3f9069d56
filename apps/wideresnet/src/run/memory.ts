import { totalmem } from 'node:os';
import type { Dataset } from '@steppe/datasets';
import { size, type Tree } from '@steppe/tree';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import type { Size } from '../options/networks/entry.ts';
import { entryOf } from '../options/networks/own.ts';
import type { Options } from '../options/table.ts';
import type { Data } from './data.ts';
import { imagesAtOnce } from './images-at-once.ts';
import { sizeOf, titleOf } from './network.ts';

const bytesPerNumber = 4;

/** Trees as large as the weights that a step holds at the least: weights, gradient, momentum and the weights that come
 * next. */
const treesOfStep = 4;

/** WebAssembly counts addresses in 32 bits. */
const mostOfWasm = 2 ** 32;

/** Devices whose memory is not that of the machine: only what is loaded and saved has to fit the machine's. */
const ownMemory: ReadonlySet<string> = new Set(['auto', 'cuda', 'webgpu']);

/** The memory that this process may use: that of the machine, or of the container that it runs in. */
export function memoryLimit(device: string): number {
  const constrained = process.constrainedMemory();
  const machine = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return device === 'wasm' ? Math.min(machine, mostOfWasm) : machine;
}

/** Bytes as people say them: `3.20 GB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];
  const power = Math.min(Math.max(Math.floor(Math.log10(bytes) / 3), 0), units.length - 1);
  const value = bytes / 1000 ** power;
  return value < 1000 ? `${value.toPrecision(3)} ${units[power]}` : `1000 ${units[power]}`;
}

/** What makes the network smaller: some options, as the command line writes them, or else another one. */
function smaller({ network }: Pick<Options, 'network'>): string {
  const sizes = Object.entries(entryOf(network).options).flatMap(([name, own]) => (own.sizes ? [`--${name}`] : []));
  return sizes.length === 0 ? 'take a smaller --network' : `lower ${sizes.join(' or ')}`;
}

/** What to lower when memory is used up: the images that are there at once, or the network. */
export const lessMemory = (options: Pick<Options, 'network'>): string =>
  `--batch, or take it in parts by --accumulate, or ${smaller(options)}`;

/**
 * Refuses what cannot fit into memory whatever happens: the estimate is the least that is needed.
 *
 * @param images - Images that a gradient is computed of at once; 0 to hold the weights only.
 * @param remedy - What to lower where images take more than weights.
 * @throws When it is more than the machine has, with both figures and what to lower.
 */
export function checkMemory(
  { parameters, activations }: Size,
  images: number,
  { device, title, weights, remedy }: { device: string; title: string; weights: string; remedy: string },
): void {
  const ofWeights = (images > 0 && !ownMemory.has(device) ? treesOfStep : 1) * parameters;
  const ofImages = ownMemory.has(device) ? 0 : images * activations;
  const needed = bytesPerNumber * (ofWeights + ofImages);
  const limit = memoryLimit(device);
  if (needed <= limit) return;
  throw new CommandError(
    `${title} needs at least ${bytesText(needed)} of memory, there are ${bytesText(limit)}: ${ofWeights > ofImages ? weights : `lower ${remedy}`}.`,
  );
}

/**
 * Checks that a step of training can fit into memory: before a network is built, where it can say then how large it is.
 *
 * @param device - The one that computes; without it only what no device changes is checked.
 * @param size - What was measured of a network that was built.
 * @throws When it cannot, with what to lower.
 */
export function checkTraining(
  options: Options,
  { dataset }: Data,
  device: string = options.backend,
  size: Size | undefined = sizeOf(options, dataset),
): void {
  if (size === undefined) return;
  const images = imagesAtOnce(options);
  const title = `${titleOf(options)} on ${images} images at a time`;
  checkMemory(size, images, {
    device,
    title,
    weights: smaller(options),
    remedy: lessMemory(options),
  });
}

/**
 * Checks, before the network of a file is built, that the file holds its weights: the size that it claims is then one
 * that it bears out. A network that cannot say its size without being built has a bounded one.
 *
 * @throws When the file holds more or fewer numbers than its network.
 */
export function checkHolding(
  options: Options,
  { dataset }: { readonly dataset: Pick<Dataset, 'classes' | 'shape'> },
  tree: Tree,
): void {
  const said = sizeOf(options, dataset);
  if (said === undefined) return;
  const { parameters, state } = said;
  const [wanted, held] = [parameters + state, size(tree)];
  if (wanted !== held)
    throw new CommandError(
      `The file does not fit its network: ${titleOf(options)} has ${wanted} numbers, it holds ${held}.`,
      exitCode.data,
    );
}
