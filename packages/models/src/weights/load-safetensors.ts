import { asBytes, type Check, checkOptions, oneOf, refusal } from '@steppe/check';
import { dispose, map, pure, readSafetensors, type Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import { checkShape } from '../checks.ts';
import { publishedShape, toOurs } from './layouts.ts';
import type { WeightName } from './names.ts';
import { listed, type Placed, placed, type Weights } from './placed.ts';
import { type Grid, resamplePositions } from './resample-positions.ts';

/** Says what of a file is taken. */
export type LoadOptions = {
  /**
   * `load` takes the classifier at the end from the file, too; `replace` keeps the fresh one, for other classes than
   * those of the file.
   *
   * @defaultValue 'load'
   */
  readonly head?: 'load' | 'replace';
  /**
   * `[rows, columns]` of the patches of an image, for images of another size than the file's: its embeddings of
   * positions, of as many rows as columns, are interpolated to this grid, bicubic with antialiasing, as timm does.
   *
   * @defaultValue that of the file
   */
  readonly grid?: readonly [rows: number, columns: number];
};

/** Batches that PyTorch's normalizations have seen, of which no number depends. */
const COUNTER = /(^|\.)num_batches_tracked$/;

type Found = { readonly [name: string]: Tensor };

const quoted = (name: string): string => JSON.stringify(name).slice(0, 80);

/** Says in one line what of a file is not as the names want it. */
function complaint(wanted: readonly Placed[], all: readonly WeightName[], tensors: Found): string | undefined {
  const known = new Set(all.map(({ name }) => name));
  const missing = wanted.filter(({ name }) => !Object.hasOwn(tensors, name));
  const extra = Object.keys(tensors).filter((name) => !known.has(name) && !COUNTER.test(name));
  const wrong = wanted.flatMap(({ name, leaf, layout, head, prefix }) => {
    const x = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
    const shape = publishedShape(leaf.shape, layout);
    if (x === undefined || (x.dtype === leaf.dtype && x.shape.join() === shape.join())) return [];
    const [got, want] = x.dtype === leaf.dtype ? ['', ''] : [`${x.dtype} `, `${leaf.dtype} `];
    return [{ head, prefix, text: `${quoted(name)} ${got}[${x.shape}] instead of ${want}[${shape}]` }];
  });
  const parts = [
    ...(missing.length > 0 ? [`it lacks ${listed(missing.map(({ name }) => quoted(name)))}`] : []),
    ...(extra.length > 0 ? [`it has ${listed(extra.map(quoted))} that the network lacks`] : []),
    ...(wrong.length > 0 ? [`it has ${listed(wrong.map(({ text }) => text))}`] : []),
  ];
  if (parts.length === 0) return undefined;
  const only = (is: (each: (typeof wrong)[number]) => boolean): boolean =>
    missing.length === 0 && extra.length === 0 && wrong.every(is);
  const remedy = only(({ head }) => head === true)
    ? "For other classes than the file's pass { head: 'replace' }"
    : only(({ prefix }) => prefix !== undefined)
      ? "For images of another size than the file's pass { grid: [rows, columns] }, the patches of an image"
      : 'Use the names of the library that wrote it, and the options of the network that it holds';
  return `The file does not hold this network: ${parts.join('; ')}. ${remedy}.`;
}

/** What no network computes with: numbers that are not finite, and variances below 0; undefined where there is none. */
async function unusable(wanted: readonly Placed[], tensors: Found): Promise<string | undefined> {
  for (const { name, path } of wanted) {
    const numbers = await (tensors[name] as Tensor).data();
    const least = path.endsWith('.variance') ? 0 : Number.NEGATIVE_INFINITY;
    const found = numbers.find((x) => !(Number.isFinite(x) && x >= least));
    if (found !== undefined) return `The file does not hold trained weights: ${quoted(name)} has a number ${found}.`;
  }
  return undefined;
}

/** The tensors of a file, with embeddings of positions for another grid where one is asked for. */
function onGrid(wanted: readonly Placed[], tensors: Found, grid: Grid | undefined): Found {
  if (grid === undefined) return tensors;
  const placedOnes = wanted.filter(({ prefix }) => prefix !== undefined);
  if (placedOnes.length === 0)
    throw new Error(
      'grid is for embeddings of positions, and this network has none: an MLP-Mixer takes images of the size that its file was trained for, a convolutional network those of any size.',
    );
  const others = placedOnes.flatMap(({ name, leaf, prefix = 0 }) => {
    const found = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
    const [patches, given] = [(leaf.shape[1] ?? 0) - prefix, (found?.shape[1] ?? 0) - prefix];
    if (grid[0] * grid[1] !== patches) throw refusal('grid', `[rows, columns] of ${patches} patches`, `[${grid}]`);
    if (found === undefined || found.rank !== 3) return [];
    const side = Math.sqrt(given);
    if (!Number.isInteger(side) || side < 1)
      throw new Error(`The file has positions for ${given} patches, which are no square: its grid is not known.`);
    return [[name, resamplePositions(found, prefix, [side, side], grid)] as const];
  });
  return { ...tensors, ...Object.fromEntries(others) };
}

/** Refuses what is no grid. */
const aGrid: Check = (name, value) => checkShape(name, value, ['rows', 'columns']);

/**
 * Gives a network the weights of a safetensors file that another library wrote, such as a pretrained one of timm or
 * torchvision.
 *
 * Every tensor of the network is in the file and every tensor of the file in the network, in the published shape, or
 * nothing is loaded. Floats of any size become float32; PyTorch's `num_batches_tracked` are read over. Files come as
 * bytes: of `readFile`, or of a page's `file.arrayBuffer()`.
 *
 * @param names - Those of the network and the library, such as `efficientNetNames(options, 'timm')`.
 * @param into - What `init` gave: it says which tensors there are, and gives the head when that is replaced.
 * @returns New parameters and a new state, which are the caller's, as `into` still is.
 * @throws When the file is not intact, or does not hold this network, with every name that is missing, extra or of
 * another shape in one line; when a number is not finite or a variance is below 0; when the names are those of another
 * network.
 * @see https://github.com/huggingface/safetensors#format
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { exportSafetensors, initDense, loadSafetensors, type WeightName } from '@steppe/models';
 * import { key } from '@steppe/random';
 *
 * const names: readonly WeightName[] = [
 *   { path: '.kernel', name: 'fc.weight', layout: 'dense', of: 'params', head: true },
 *   { path: '.bias', name: 'fc.bias', layout: 'same', of: 'params', head: true },
 * ];
 * const file = await exportSafetensors(names, { params: initDense(key(0), 4, 1000), state: null });
 * const two = { params: initDense(key(1), 4, 2), state: null };
 * await loadSafetensors(file, names, two).catch((error: Error) => console.log(error.message.slice(0, 36))); // => The file does not hold this network:
 * console.log((await loadSafetensors(file, names, two, { head: 'replace' })).params.kernel.shape); // => [ 4, 2 ]
 * ```
 */
export async function loadSafetensors<Params extends Tree, State extends Tree>(
  file: Uint8Array | ArrayBuffer,
  names: readonly WeightName[],
  into: Weights<Params, State>,
  options: LoadOptions = {},
): Promise<Weights<Params, State>> {
  if (typeof file === 'string') throw refusal('file', 'the bytes of a file', file, 'pass what readFile gives for it');
  const bytes = asBytes('file', file);
  checkOptions('loadSafetensors', options, { head: oneOf('load', 'replace'), grid: aGrid });
  const wanted = placed(names, into).filter(({ head }) => !(head === true && options.head === 'replace'));
  const { tensors } = await readSafetensors(bytes);
  let fitting: Found = {};
  try {
    fitting = onGrid(wanted, tensors, options.grid);
    const wrong = complaint(wanted, names, fitting) ?? (await unusable(wanted, fitting));
    if (wrong !== undefined) throw new Error(wrong);
    const sources = new Map(wanted.map(({ leaf, name, layout }) => [leaf.id, { x: fitting[name] as Tensor, layout }]));
    return pure(() =>
      map({ params: into.params, state: into.state }, (leaf) => {
        const source = sources.get(leaf.id);
        return source === undefined ? leaf : toOurs(source.x, source.layout);
      }),
    );
  } finally {
    dispose([tensors, fitting]);
  }
}
