import type { ByteImage } from '../image.ts';

const float = Math.fround;

/** The hue and the saturation of a pixel in bytes, as PIL rounds them, and its value. */
function hsv(r: number, g: number, b: number): readonly [h: number, s: number, v: number] {
  const [most, least] = [Math.max(r, g, b), Math.min(r, g, b)];
  if (most === least) return [0, 0, most];
  const range = most - least;
  const [rc, gc, bc] = [float((most - r) / range), float((most - g) / range), float((most - b) / range)];
  const h = float(r === most ? float(bc - gc) : g === most ? 2 + rc - bc : 4 + gc - rc);
  return [Math.trunc(float((h / 6 + 1) % 1) * 255), Math.trunc(float(range / most) * 255), most];
}

/** The pixel of a hue, a saturation and a value. */
function rgb(h: number, s: number, v: number): readonly [r: number, g: number, b: number] {
  if (s === 0) return [v, v, v];
  const sixths = (h * 6) / 255;
  const sector = Math.floor(sixths);
  const f = float(sixths - sector);
  const share = float(s / 255);
  const p = Math.round(v * (1 - share));
  const q = Math.round(v * (1 - float(share * f)));
  const t = Math.round(v * (1 - share * (1 - f)));
  switch (sector % 6) {
    case 0:
      return [v, t, p];
    case 1:
      return [q, v, p];
    case 2:
      return [p, v, t];
    case 3:
      return [p, q, v];
    case 4:
      return [t, p, v];
    default:
      return [v, p, q];
  }
}

/** Turns the hues of an image around the circle of colours by a share of it; grey stays. */
export function hue(image: ByteImage, turn: number): ByteImage {
  const { pixels, shape } = image;
  if (shape[2] === 1) return image;
  if (shape[2] !== 3) throw new Error(`Hues are turned in images of 1 or 3 channels, got ${shape[2]}.`);
  const by = Math.trunc(turn * 255);
  const out = new Uint8Array(pixels.length);
  for (let i = 0; i < pixels.length; i += 3) {
    const [h, s, v] = hsv(pixels[i] as number, pixels[i + 1] as number, pixels[i + 2] as number);
    out.set(rgb((h + by) & 255, s, v), i);
  }
  return { pixels: out, shape };
}
