import type { ByteImage } from '../image.ts';

const [COLUMNS, ROWS] = [9, 8];

/** Parts of the channels in the brightness of a pixel: ITU-R 601-2 for colours. */
const partsOf = (channels: number): readonly number[] =>
  channels === 3 ? [0.299, 0.587, 0.114] : new Array<number>(channels).fill(1 / channels);

/** The pixels of one of `count` equal parts of a side, at least one. */
const part = (i: number, count: number, side: number): readonly [from: number, to: number] => {
  const from = Math.floor((i * side) / count);
  return [from, Math.max(from + 1, Math.ceil(((i + 1) * side) / count))];
};

/** The mean brightness of each field of a grid of 9 × 8. */
function fieldsOf({ pixels, shape: [height, width, channels] }: ByteImage): Float64Array {
  const parts = partsOf(channels);
  const fields = new Float64Array(ROWS * COLUMNS);
  for (let row = 0; row < ROWS; row += 1)
    for (let column = 0; column < COLUMNS; column += 1) {
      const [[top, bottom], [left, right]] = [part(row, ROWS, height), part(column, COLUMNS, width)];
      let sum = 0;
      for (let y = top; y < bottom; y += 1)
        for (let x = left; x < right; x += 1)
          for (const [c, share] of parts.entries()) sum += share * (pixels[(y * width + x) * channels + c] as number);
      fields[row * COLUMNS + column] = sum / ((bottom - top) * (right - left));
    }
  return fields;
}

/**
 * Tells an image by 64 digits of 0 and 1, which change little when it is resized or saved anew: whether each field of a
 * grid is darker than the one to its right, bᵢⱼ = [fᵢⱼ < fᵢ,ⱼ₊₁].
 *
 * @see Krawetz, Kind of like that (hackerfactor.com, 2013), which calls it dHash
 */
export function differenceHash(image: ByteImage): string {
  const fields = fieldsOf(image);
  let digits = '';
  for (let row = 0; row < ROWS; row += 1)
    for (let at = row * COLUMNS; at < (row + 1) * COLUMNS - 1; at += 1)
      // A difference that rounding makes is none.
      digits += (fields[at] as number) + 1e-9 < (fields[at + 1] as number) ? '1' : '0';
  return digits;
}
