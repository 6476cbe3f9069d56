import type { Argument } from '../program.ts';
import type { Stream } from '../stream.ts';
import { activation, type Op, type Ops, times } from './op.ts';

/** Strides or dilations: one number or one for each side, seldom larger than the image. */
export const steps = (s: Stream, sides: number, most = 4): number | number[] =>
  s.chance(0.5) ? s.int(1, s.chance(0.2) ? 7 : 2) : times(sides, () => s.int(1, s.chance(0.2) ? 7 : most));

/** Strides and dilations, of which tfjs lets only one be more than 1. */
export const stepsAndDilations = (s: Stream, sides: number): [number | number[], number | number[]] =>
  s.chance(0.3) ? [1, steps(s, sides, 3)] : [steps(s, sides), 1];

type Padding = { readonly pad: Argument; readonly mode: Argument };

/** A padding with its rounding: by name, by number, or each border's own. */
export function padding(s: Stream, least: number, sides: number, explicit: boolean): Padding {
  const kind = s.int(0, explicit ? 3 : 2);
  if (kind === 0) return { pad: 'same', mode: undefined };
  if (kind === 1) return { pad: 'valid', mode: undefined };
  const mode = s.pick([undefined, 'floor', 'ceil', 'round']);
  if (kind === 2) return { pad: s.int(0, Math.max(0, least - 1)), mode: mode ?? 'floor' };
  const own = (): number[] => [s.int(0, Math.max(0, least - 1)), s.int(0, Math.max(0, least - 1))];
  return { pad: [[0, 0], ...times(sides, own), [0, 0]], mode: mode ?? 'floor' };
}

const image = (s: Stream, sides: number, most: number): number[] => times(sides, () => s.side(most));
const windows = (s: Stream, sides: number): number[] => times(sides, () => s.int(1, s.chance(0.15) ? 6 : 3));

const conv2d: Op = {
  draw: (s) => {
    const [sides, sizes] = [image(s, 2, 6), windows(s, 2)];
    const [batch, channels, features] = [s.side(3), s.int(1, 3), s.int(1, 5)];
    const [strides, dilations] = stepsAndDilations(s, 2);
    const nchw = s.chance(0.1);
    const { pad, mode } = padding(s, Math.min(...sizes), 2, !nchw);
    const x = s.addends(nchw ? [batch, channels, ...sides] : [batch, ...sides, channels]);
    return [x, s.plain([...sizes, channels, features]), strides, pad, nchw ? 'NCHW' : 'NHWC', dilations, mode];
  },
  error: 'tensor',
};

const depthwise: Op = {
  draw: (s) => {
    const [sides, sizes] = [image(s, 2, 6), windows(s, 2)];
    const channels = s.int(1, 3);
    const [strides, dilations] = stepsAndDilations(s, 2);
    const { pad, mode } = padding(s, Math.min(...sizes), 2, true);
    const x = s.addends([s.side(3), ...sides, channels]);
    return [x, s.plain([...sizes, channels, s.int(1, 3)]), strides, pad, 'NHWC', dilations, mode];
  },
  error: 'tensor',
};

/** The shape of a convolution's output where it has one side at least everywhere. */
const outSide = (side: number, size: number, stride: number, pad: string): number =>
  pad === 'same' ? Math.ceil(side / stride) : Math.ceil((side - size + 1) / stride);

const transpose = (sides: number): Op => ({
  draw: (s) => {
    const [shape, sizes] = [times(sides, () => s.int(1, 6)), windows(s, sides)];
    const strides = times(sides, () => s.int(1, 3));
    const pad = s.pick(['same', 'valid']);
    const outs = shape.map((side, k) => outSide(side, sizes[k] as number, strides[k] as number, pad));
    if (outs.some((out) => out < 1)) return undefined;
    const [batch, channels, features] = [s.int(1, 3), s.int(1, 3), s.int(1, 3)];
    const y = s.addends([batch, ...outs, features]);
    return [y, s.plain([...sizes, channels, features]), [batch, ...shape, channels], strides, pad];
  },
  error: 'tensor',
});

export const convolutionOps: Ops = {
  conv1d: {
    draw: (s) => {
      const [size, channels] = [s.int(1, 4), s.int(1, 3)];
      const [stride, dilation] = s.chance(0.3) ? [1, s.int(1, 3)] : [s.int(1, 4), 1];
      const x = s.addends([s.side(3), s.side(8), channels]);
      return [x, s.plain([size, channels, s.int(1, 4)]), stride, s.pick(['same', 'valid']), 'NWC', dilation];
    },
    error: 'tensor',
  },
  conv2d,
  depthwiseConv2d: depthwise,
  conv3d: {
    draw: (s) => {
      const [channels, sizes] = [s.int(1, 3), windows(s, 3)];
      const [strides, dilations] = stepsAndDilations(s, 3);
      const x = s.addends([s.side(3), ...image(s, 3, 4), channels]);
      return [x, s.plain([...sizes, channels, s.int(1, 3)]), strides, s.pick(['same', 'valid']), 'NDHWC', dilations];
    },
    error: 'tensor',
  },
  conv2dTranspose: transpose(2),
  conv3dTranspose: transpose(3),
  dilation2d: {
    draw: (s) => {
      const channels = s.int(1, 3);
      const [strides, dilations] = [steps(s, 2, 3), s.chance(0.5) ? 1 : s.int(1, 2)];
      const x = s.addends([s.int(1, 3), ...times(2, () => s.int(1, 6)), channels]);
      return [x, s.addends([...windows(s, 2), channels]), strides, s.pick(['same', 'valid']), dilations];
    },
  },
  'fused.conv2d': {
    draw: (s) => {
      const [sides, sizes] = [image(s, 2, 5), windows(s, 2)];
      const [channels, features] = [s.int(1, 3), s.int(1, 5)];
      return [
        {
          x: s.addends([s.side(3), ...sides, channels]),
          filter: s.plain([...sizes, channels, features]),
          strides: steps(s, 2),
          pad: s.pick(['same', 'valid']),
          ...(s.chance(0.7) ? { bias: s.addends([features]) } : {}),
          ...activation(s),
        },
      ];
    },
    error: 'tensor',
  },
  'fused.depthwiseConv2d': {
    draw: (s) => {
      const [sides, sizes] = [image(s, 2, 5), windows(s, 2)];
      const [channels, multiplier] = [s.int(1, 3), s.int(1, 2)];
      const stride = s.int(1, 3);
      return [
        {
          x: s.addends([s.side(3), ...sides, channels]),
          filter: s.plain([...sizes, channels, multiplier]),
          strides: [stride, stride],
          pad: s.pick(['same', 'valid']),
          ...(s.chance(0.7) ? { bias: s.addends([channels * multiplier]) } : {}),
          ...activation(s),
        },
      ];
    },
    error: 'tensor',
  },
};
