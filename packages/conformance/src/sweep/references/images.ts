import type { Numbers } from '../program.ts';
import { at, type References, tabulate, Undecided } from './array.ts';

type Place = (out: number, from: number, to: number) => number;

const bilinear =
  (align: boolean, half: boolean): Place =>
  (out, from, to) => {
    if (align && to > 1) return (out * (from - 1)) / (to - 1);
    return half ? ((out + 0.5) * from) / to - 0.5 : (out * from) / to;
  };

const clamp = (i: number, side: number): number => Math.min(Math.max(i, 0), side - 1);

/** Whether a division that rounds one way or the other in float32 decides. */
const near = (v: number): boolean => v !== Math.round(v) && Math.abs(v - Math.round(v)) < 1e-6;

const nearest =
  (align: boolean, half: boolean): Place =>
  (out, from, to) => {
    if (align && to > 1) {
      const exact = (out * (from - 1)) / (to - 1);
      return Math.floor(exact + 0.5);
    }
    const exact = half ? ((out + 0.5) * from) / to : (out * from) / to;
    if (near(exact)) throw new Undecided('a place between two pixels');
    return Math.floor(exact + 1e-9);
  };

export const imageReferences: References = {
  'image.resizeBilinear': (x: Numbers, [height, width]: readonly [number, number], align = false, half = false) => {
    const place = bilinear(align, half);
    const [n, h, w, c] = x.shape as [number, number, number, number];
    return tabulate([n, height, width, c], 'float32', (index) => {
      const [b, i, j, k] = index as [number, number, number, number];
      const [v, u] = [place(i, h, height), place(j, w, width)];
      const weights = (place: number, side: number): [number, number, number] => {
        const low = Math.floor(place);
        return [clamp(low, side), clamp(low + 1, side), place - low];
      };
      const [top, bottom, dv] = weights(v, h);
      const [left, right, du] = weights(u, w);
      const mix = (a: number, z: number, t: number): number => (t === 0 ? a : a + (z - a) * t);
      return mix(
        mix(at(x, b, top, left, k), at(x, b, top, right, k), du),
        mix(at(x, b, bottom, left, k), at(x, b, bottom, right, k), du),
        dv,
      );
    });
  },
  'image.resizeNearestNeighbor': (
    x: Numbers,
    [height, width]: readonly [number, number],
    align = false,
    half = false,
  ) => {
    const place = nearest(align, half);
    const [n, h, w, c] = x.shape as [number, number, number, number];
    return tabulate([n, height, width, c], x.dtype, (index) => {
      const [b, i, j, k] = index as [number, number, number, number];
      return at(x, b, clamp(place(i, h, height), h), clamp(place(j, w, width), w), k);
    });
  },
  'image.flipLeftRight': (x: Numbers) =>
    tabulate(x.shape, x.dtype, (index) => {
      const [b, i, j, k] = index as [number, number, number, number];
      return at(x, b, i, (x.shape[2] as number) - 1 - j, k);
    }),
  'image.grayscaleToRGB': (x: Numbers) =>
    tabulate([...x.shape.slice(0, -1), 3], x.dtype, (index) => at(x, ...index.slice(0, -1), 0)),
};
