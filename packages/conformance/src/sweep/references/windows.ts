import { Undecided } from './array.ts';

/** How a window moves along one axis. */
export type Span = {
  readonly out: number;
  readonly before: number;
  readonly stride: number;
  readonly dilation: number;
};

export type Pad = 'same' | 'valid' | number | readonly (readonly number[])[];

const rounding = { floor: Math.floor, ceil: Math.ceil, round: Math.round };

/** Where the windows of an axis lie, by TensorFlow's rules; a window larger than the image gives an empty side. */
export function spanOf(
  side: number,
  size: number,
  stride: number,
  dilation: number,
  pad: Pad,
  axis: number,
  mode: 'floor' | 'ceil' | 'round' | undefined,
): Span {
  const reach = (size - 1) * dilation + 1;
  if (pad === 'valid') return { out: Math.max(0, Math.ceil((side - reach + 1) / stride)), before: 0, stride, dilation };
  if (pad === 'same') {
    const out = Math.ceil(side / stride);
    return { out, before: Math.floor(Math.max(0, (out - 1) * stride + reach - side) / 2), stride, dilation };
  }
  const [before, after] = typeof pad === 'number' ? [pad, pad] : (pad[axis] as readonly [number, number]);
  const steps = (side + before + after - reach) / stride;
  if (steps < 0 && mode !== undefined && mode !== 'floor')
    throw new Undecided('a window larger than the image, rounded');
  const out = Math.max(0, rounding[mode ?? 'floor'](steps) + 1);
  if (out > 0 && (out - 1) * stride >= side + before) throw new Undecided('a window beyond the image');
  return { out, before, stride, dilation };
}

/** A number for each axis. */
export const perAxis = (value: number | readonly number[] | undefined, count: number): number[] =>
  typeof value === 'object' ? [...value] : Array.from({ length: count }, () => value ?? 1);

/** The place in the image of an entry of a window, or -1 outside. */
export const placeOf = ({ before, stride, dilation }: Span, out: number, entry: number, side: number): number => {
  const place = out * stride - before + entry * dilation;
  return place >= 0 && place < side ? place : -1;
};
