import { checkNumber, checkOptions, count, refusal } from '@steppe/check';
import { key } from '@steppe/random';
import { Tensor } from '@tensorflow/tfjs-core';
import { lanczos } from '../spectrum/lanczos.ts';
import { unit } from '../spectrum/probes.ts';
import { type Ritz, ritz } from '../spectrum/tridiagonal.ts';

/** The input that a convolution is seen on. */
export type SpectralNormOptions = {
  /** The side of the layer's input in pixels, for convolutions; a dense kernel needs none. */
  readonly grid?: number | undefined;
};

/** A complex matrix by rows, [rows, columns]. */
type Matrix = { readonly rows: number; readonly columns: number; readonly re: Float64Array; readonly im: Float64Array };

/** How near an eigenvalue must come to one of MᴴM, as a share of it; its root is twice as near. */
const TOLERANCE = 1e-5;

/** MᴴM·x in one pass over M; x has the real parts first, then the imaginary ones. */
function gram({ rows, columns, re, im }: Matrix, x: Float32Array): Float64Array {
  const y = new Float64Array(2 * columns);
  for (let r = 0; r < rows; r++) {
    const row = r * columns;
    let [u, v] = [0, 0];
    for (let c = 0; c < columns; c++) {
      const a = re[row + c] as number;
      const b = im[row + c] as number;
      const p = x[c] as number;
      const q = x[columns + c] as number;
      u += a * p - b * q;
      v += a * q + b * p;
    }
    for (let c = 0; c < columns; c++) {
      const a = re[row + c] as number;
      const b = im[row + c] as number;
      y[c] = (y[c] as number) + a * u + b * v;
      y[columns + c] = (y[columns + c] as number) + a * v - b * u;
    }
  }
  return y;
}

/** The largest singular value, the root of the largest eigenvalue of MᴴM, by Lanczos' method. */
async function largest(m: Matrix): Promise<number> {
  let value = 0;
  for await (const { alphas, betas, residual } of lanczos(async (x) => gram(m, x), unit(key(0), 2 * m.columns))) {
    // Small matrices are cheap, but not at every step.
    if (alphas.length % 8 !== 0 && residual > 0) continue;
    const top = ritz(alphas, betas).at(-1) as Ritz;
    value = Math.sqrt(Math.max(0, top.value));
    if (residual * Math.abs(top.vector.at(-1) as number) <= TOLERANCE * top.value) break;
  }
  return value;
}

/** The frequencies of a grid in each spatial direction; the first to one half, since those of a real kernel come in
 * conjugate pairs. */
function frequencies(grid: number, directions: number): readonly (readonly number[])[] {
  const along = (n: number) => Array.from({ length: n }, (_, k) => (2 * Math.PI * k) / grid);
  let all: readonly (readonly number[])[] = [[]];
  for (let i = 0; i < directions; i++)
    all = all.flatMap((before) => along(i === 0 ? Math.floor(grid / 2) + 1 : grid).map((f) => [...before, f]));
  return all;
}

/** Σ_k W_k·e^(-i⟨f, k⟩) over the places k of the kernel. */
function transformed(
  kernel: Float32Array,
  sides: readonly number[],
  f: readonly number[],
  inputs: number,
  outputs: number,
): Matrix {
  const size = inputs * outputs;
  const [re, im] = [new Float64Array(size), new Float64Array(size)];
  for (let place = 0; place < kernel.length / size; place++) {
    let [rest, angle] = [place, 0];
    for (let i = sides.length - 1; i >= 0; i--) {
      const side = sides[i] as number;
      angle -= (rest % side) * (f[i] as number);
      rest = Math.floor(rest / side);
    }
    const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
    for (let j = 0; j < size; j++) {
      const w = kernel[place * size + j] as number;
      re[j] = (re[j] as number) + w * cosine;
      im[j] = (im[j] as number) + w * sine;
    }
  }
  return { rows: inputs, columns: outputs, re, im };
}

/**
 * Measures the spectral norm of a layer, the largest factor by which it stretches an input: σ_max of a dense kernel, and
 * of a convolution max_f σ_max(Σ_k W_k·e^(-i⟨f, k⟩)) over the frequencies f of its grid.
 *
 * For a convolution of stride 1 with periodic borders it is exact. With zeros as borders the norm is at most that of a
 * fine grid, and near it where the grid is larger than the kernel; strides only make it smaller. Computed on the host by
 * Lanczos' method for each frequency, to some millionths, in time grid²·inputs·outputs: a second or two for
 * each kernel of a WRN-16-4.
 *
 * @param kernel - `[inputs, outputs]`, or `[height, width, inputs, outputs]` of a convolution, as TensorFlow.js has them.
 * @param options - The side of the grid, which a convolution needs.
 * @throws When the kernel has fewer than two axes or is not finite, or a convolution's comes without a grid of at least
 * its size.
 * @see Sedghi et al., The Singular Values of Convolutional Layers, ICLR 2019, theorem 6.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { spectralNorm } from '@steppe/sharpness';
 *
 * console.log((await spectralNorm(tf.tensor2d([[3, 0], [0, -4]]))).toFixed(3)); // => 4.000
 * const blur = tf.fill<tf.Rank.R4>([3, 3, 1, 1], 1 / 9); // keeps a constant image as it is
 * console.log((await spectralNorm(blur, { grid: 8 })).toFixed(3)); // => 1.000
 * ```
 */
export async function spectralNorm(kernel: Tensor, options: SpectralNormOptions = {}): Promise<number> {
  checkOptions('spectralNorm', options, ['grid']);
  if (!(kernel instanceof Tensor)) throw refusal('kernel', 'a tensor', kernel);
  const sides = kernel.shape.slice(0, -2);
  if (kernel.rank < 2) throw new Error(`A kernel has at least two axes, got shape [${kernel.shape}].`);
  const { grid = sides.length === 0 ? 1 : undefined } = options;
  if (grid === undefined)
    throw new Error(`A convolution with the kernel [${kernel.shape}] needs grid, the side of its input in pixels.`);
  checkNumber('grid', grid, count);
  const widest = Math.max(1, ...sides);
  if (grid < widest)
    throw new Error(`grid must be at least ${widest}, the side of the kernel [${kernel.shape}], got ${grid}.`);
  const [inputs, outputs] = kernel.shape.slice(-2) as [number, number];
  const values = (await kernel.data()) as Float32Array;
  if (!values.every(Number.isFinite))
    throw new Error(`The kernel [${kernel.shape}] holds numbers that are not finite: the weights may have diverged.`);
  let most = 0;
  for (const f of frequencies(grid, sides.length))
    most = Math.max(most, await largest(transformed(values, sides, f, inputs, outputs)));
  return most;
}
