import { leaves } from '@steppe/tree';
import type { WideResNetParams, WideResNetState } from '../../src/index.ts';

/**
 * WideResNet written a second time, in float64 and plain loops over `[height][width][channel]`, sharing nothing with
 * the package but the names of the parameters: the oracle for values, and by its finite differences for gradients.
 */

type Image = { readonly h: number; readonly w: number; readonly c: number; readonly data: Float64Array };
type Values = ReadonlyMap<string, Float64Array>;

function read(values: Values, path: string): Float64Array {
  const found = values.get(path);
  if (found === undefined) throw new Error(`The reference finds nothing at "${path}".`);
  return found;
}

const image = (h: number, w: number, c: number): Image => ({ h, w, c, data: new Float64Array(h * w * c) });

/** Reads a tree into float64 arrays by path. */
export function toFloat64(tree: WideResNetParams | WideResNetState): Map<string, Float64Array> {
  return new Map(leaves(tree).map(({ path, leaf }) => [path, Float64Array.from(leaf.dataSync())]));
}

function convolve(x: Image, kernel: Float64Array, out: number, stride: number): Image {
  const size = Math.round(Math.sqrt(kernel.length / (x.c * out)));
  const pad = (size - 1) / 2;
  const y = image(Math.ceil(x.h / stride), Math.ceil(x.w / stride), out);
  for (let i = 0; i < y.h; i++)
    for (let j = 0; j < y.w; j++)
      for (let a = 0; a < size; a++)
        for (let b = 0; b < size; b++) {
          const row = i * stride + a - pad;
          const column = j * stride + b - pad;
          if (row < 0 || column < 0 || row >= x.h || column >= x.w) continue;
          for (let ci = 0; ci < x.c; ci++) {
            const value = x.data[(row * x.w + column) * x.c + ci]!;
            const k = ((a * size + b) * x.c + ci) * out;
            const o = (i * y.w + j) * out;
            for (let co = 0; co < out; co++) y.data[o + co]! += value * kernel[k + co]!;
          }
        }
  return y;
}

function normalize(batch: readonly Image[], params: Values, path: string, running?: Values): readonly Image[] {
  const { c } = batch[0]!;
  const [scale, bias] = [read(params, `${path}.scale`), read(params, `${path}.bias`)];
  const mean = Array.from({ length: c }, (_, ch) => {
    const all = batch.flatMap(({ data }) => [...data].filter((_, i) => i % c === ch));
    return all.reduce((s, v) => s + v, 0) / all.length;
  });
  const variance = Array.from({ length: c }, (_, ch) => {
    const all = batch.flatMap(({ data }) => [...data].filter((_, i) => i % c === ch));
    return all.reduce((s, v) => s + (v - mean[ch]!) ** 2, 0) / all.length;
  });
  const [m, v] = running ? [read(running, `${path}.mean`), read(running, `${path}.variance`)] : [mean, variance];
  const at = (x: number, ch: number) => ((x - m[ch]!) / Math.sqrt(v[ch]! + 1e-5)) * scale[ch]! + bias[ch]!;
  return batch.map((x) => ({ ...x, data: x.data.map((value, i) => at(value, i % c)) }));
}

const activations = {
  relu: (v: number) => Math.max(v, 0),
  silu: (v: number) => v / (1 + Math.exp(-v)),
};

/** Maps images to rows of logits; with `running` statistics in evaluation mode, else with those of the batch. */
export function forward(
  params: Values,
  images: readonly Image[],
  activation: 'relu' | 'silu',
  running?: Values,
): readonly (readonly number[])[] {
  const get = (path: string) => read(params, path);
  const act = (batch: readonly Image[]) => batch.map((x) => ({ ...x, data: x.data.map(activations[activation]) }));
  const norm = (batch: readonly Image[], path: string) => act(normalize(batch, params, path, running));
  const conv = (batch: readonly Image[], path: string, out: number, stride = 1) =>
    batch.map((x) => convolve(x, get(`${path}.kernel`), out, stride));

  let x = conv(images, '.stem', 16);
  for (let g = 0; g < 3; g++)
    for (let b = 0; params.has(`.groups[${g}][${b}].conv1.kernel`); b++) {
      const at = `.groups[${g}][${b}]`;
      const out = get(`${at}.norm2.scale`).length;
      const stride = g > 0 && b === 0 ? 2 : 1;
      const h = norm(x, `${at}.norm1`);
      const branch = conv(norm(conv(h, `${at}.conv1`, out, stride), `${at}.norm2`), `${at}.conv2`, out);
      const shortcut = params.has(`${at}.shortcut.kernel`) ? conv(h, `${at}.shortcut`, out, stride) : x;
      x = branch.map((y, n) => ({ ...y, data: y.data.map((v, i) => v + shortcut[n]!.data[i]!) }));
    }
  const [kernel, bias] = [get('.dense.kernel'), get('.dense.bias')];
  return norm(x, '.norm').map((y) =>
    [...bias].map((b, o) => {
      let sum = b;
      for (let i = 0; i < y.data.length; i++) sum += (y.data[i]! / (y.h * y.w)) * kernel[(i % y.c) * bias.length + o]!;
      return sum;
    }),
  );
}

/** Cross entropy of rows of logits, averaged. */
export function crossEntropy(logits: readonly (readonly number[])[], labels: readonly number[]): number {
  const losses = logits.map((row, n) => {
    const top = Math.max(...row);
    return top + Math.log(row.reduce((s, v) => s + Math.exp(v - top), 0)) - row[labels[n]!]!;
  });
  return losses.reduce((s, v) => s + v, 0) / losses.length;
}

/** Cuts a flat batch into images. */
export function toImages(values: ArrayLike<number>, h: number, w: number, c: number): readonly Image[] {
  const each = h * w * c;
  return Array.from({ length: values.length / each }, (_, n) => ({
    h,
    w,
    c,
    data: Float64Array.from({ length: each }, (_, i) => values[n * each + i]!),
  }));
}
