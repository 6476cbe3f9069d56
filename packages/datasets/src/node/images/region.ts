import { type Key, uniforms } from '@steppe/random';
import type { View } from './view.ts';

/** A rectangle in pixels. */
type Rectangle = { readonly left: number; readonly top: number; readonly width: number; readonly height: number };

/** What a view makes of an image: a part of it, resized, of which a part is kept, perhaps mirrored. */
export type Region = {
  readonly cut: Rectangle;
  readonly resized: { readonly width: number; readonly height: number };
  readonly kept: Rectangle;
  readonly isMirrored: boolean;
};

const whole = (width: number, height: number): Rectangle => ({ left: 0, top: 0, width, height });
const square = (size: number): Rectangle => whole(size, size);

const tries = 10;
/** Area, aspect, left and top of each try, and the mirror. */
const drawn = 4 * tries + 1;

/** Python rounds halves to even, and torchvision with it. */
const halfToEven = (x: number): number => (x % 1 === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

/** The largest rectangle at the centre whose aspect is in the range. */
function central(width: number, height: number, [least, most]: readonly [number, number]): Rectangle {
  const aspect = width / height;
  const w = aspect > most ? Math.round(height * most) : width;
  const h = aspect < least ? Math.round(width / least) : height;
  return { left: Math.floor((width - w) / 2), top: Math.floor((height - h) / 2), width: w, height: h };
}

function randomCut(
  { area: [low, high], aspect }: Extract<View, { kind: 'random' }>,
  draws: Float32Array,
  width: number,
  height: number,
): Rectangle {
  const [narrow, wide] = aspect.map(Math.log) as [number, number];
  for (let i = 0; i < 4 * tries; i += 4) {
    const [a = 0, b = 0, c = 0, d = 0] = draws.subarray(i, i + 4);
    const area = width * height * (low + (high - low) * a);
    const ratio = Math.exp(narrow + (wide - narrow) * b);
    const [w, h] = [halfToEven(Math.sqrt(area * ratio)), halfToEven(Math.sqrt(area / ratio))];
    if (w < 1 || h < 1 || w > width || h > height) continue;
    return { left: Math.floor(c * (width - w + 1)), top: Math.floor(d * (height - h + 1)), width: w, height: h };
  }
  return central(width, height, aspect);
}

/** Tells what a view makes of an image of the given sides: the same key, the same region. */
export function regionOf(view: View, key: Key, width: number, height: number): Region {
  const { size } = view;
  const direct = { resized: { width: size, height: size }, kept: square(size) };
  if (view.kind === 'whole') return { ...direct, cut: whole(width, height), isMirrored: false };
  if (view.kind === 'random') {
    const draws = uniforms(key, drawn);
    const isMirrored = (draws[drawn - 1] as number) < view.flip;
    return { ...direct, cut: randomCut(view, draws, width, height), isMirrored };
  }
  const { resize } = view;
  const resized =
    width <= height
      ? { width: resize, height: Math.floor((resize * height) / width) }
      : { width: Math.floor((resize * width) / height), height: resize };
  const kept = {
    left: halfToEven((resized.width - size) / 2),
    top: halfToEven((resized.height - size) / 2),
    width: size,
    height: size,
  };
  return { cut: whole(width, height), resized, kept, isMirrored: false };
}
