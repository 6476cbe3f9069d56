/** The sides of an image in pixels. */
export type Sides = { readonly width: number; readonly height: number };

/** The markers of frames: baseline, extended and progressive. */
const frames: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2]);
/** Tables, restart intervals, comments and the notes of programs: what usually comes before a frame. */
const passed = (marker: number): boolean =>
  marker === 0xc4 || marker === 0xdb || marker === 0xdd || marker === 0xfe || (marker >= 0xe0 && marker <= 0xef);
/** The note that holds EXIF, which may turn the image. */
const ofExif = 0xe1;

/**
 * Tells the sides of a JPEG that is stored upright, by its header alone, which costs the decoder a third of a
 * millisecond.
 *
 * @returns Undefined for what is no JPEG or not a plain one, as with EXIF: then the decoder has to tell.
 */
export function jpegSides(bytes: Uint8Array): Sides | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 9 <= bytes.length; at += 2 + view.getUint16(at + 2)) {
    const marker = bytes[at + 1] as number;
    if (bytes[at] !== 0xff || marker === ofExif) return undefined;
    if (frames.has(marker)) {
      const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)];
      return width > 0 && height > 0 ? { width, height } : undefined;
    }
    if (!passed(marker)) return undefined;
  }
  return undefined;
}
