import type { ByteImage } from '../image.ts';

const float = Math.fround;

/** The hue of a pixel in bytes, as PIL rounds it; `range` is not 0. */
function hueOf(r: number, g: number, b: number, most: number, range: number): number {
  const rc = float((most - r) / range);
  const gc = float((most - g) / range);
  const bc = float((most - b) / range);
  const h = float(r === most ? float(bc - gc) : g === most ? 2 + rc - bc : 4 + gc - rc);
  const turns = h / 6 + 1;
  return Math.trunc(float(turns >= 1 ? turns - 1 : turns) * 255);
}

/** Writes the pixel of a hue, a saturation and a value. */
function write(out: Uint8Array, at: number, h: number, s: number, v: number): void {
  const sixths = (h * 6) / 255;
  const sector = Math.floor(sixths);
  const f = float(sixths - sector);
  const share = float(s / 255);
  const p = Math.round(v * (1 - share));
  const q = Math.round(v * (1 - float(share * f)));
  const t = Math.round(v * (1 - share * (1 - f)));
  const i = sector % 6;
  out[at] = i === 0 || i === 5 ? v : i === 1 ? q : i === 4 ? t : p;
  out[at + 1] = i === 1 || i === 2 ? v : i === 0 ? t : i === 3 ? q : p;
  out[at + 2] = i === 3 || i === 4 ? v : i === 2 ? t : i === 5 ? q : p;
}

/** Turns the hues of an image around the circle of colours by a share of it; grey stays. */
export function hue(image: ByteImage, turn: number): ByteImage {
  const { pixels, shape } = image;
  if (shape[2] === 1) return image;
  if (shape[2] !== 3) throw new Error(`Hues are turned in images of 1 or 3 channels, got ${shape[2]}.`);
  const by = Math.trunc(turn * 255);
  const out = new Uint8Array(pixels);
  for (let at = 0; at < pixels.length; at += 3) {
    const r = pixels[at] as number;
    const g = pixels[at + 1] as number;
    const b = pixels[at + 2] as number;
    const most = Math.max(r, g, b);
    const range = most - Math.min(r, g, b);
    const s = range === 0 ? 0 : Math.trunc(float(range / most) * 255);
    if (s > 0) write(out, at, (hueOf(r, g, b, most, range) + by) & 255, s, most);
    else out.fill(most, at, at + 3);
  }
  return { pixels: out, shape };
}
