import type { Argument, Numbers } from '../program.ts';
import type { Stream } from '../stream.ts';
import { type Op, type Ops, times } from './op.ts';

const resize: Op = {
  draw: (s) => {
    const x = s.plain([s.side(3), s.int(1, 6), s.int(1, 6), s.int(1, 3)]);
    const [align, half] = s.pick([
      [false, false],
      [true, false],
      [false, true],
    ] as const);
    return [x, [s.int(1, 8), s.int(1, 8)], align, half];
  },
  error: 'tensor',
};

const boxes = (s: Stream, count: number): Numbers => ({
  shape: [count, 4],
  dtype: 'float32',
  values: times(count, () => {
    const [y, x] = [s.unit(), s.unit()];
    return [y, x, y + s.unit(), x + s.unit()].map(Math.fround);
  }).flat(),
});

const suppression = (more: (s: Stream) => readonly Argument[]): Op => ({
  draw: (s) => {
    const count = s.int(1, 6);
    return [boxes(s, count), s.reals([count], 0, 1), s.int(1, 5), 0.5, s.pick([undefined, 0.3]), ...more(s)];
  },
  gradient: false,
});

export const imageOps: Ops = {
  'image.resizeBilinear': resize,
  'image.resizeNearestNeighbor': resize,
  'image.flipLeftRight': { draw: (s) => [s.reals([s.side(3), s.side(4), s.side(4), s.int(1, 3)])], gradient: false },
  'image.grayscaleToRGB': { draw: (s) => [s.reals([...s.shape(1, 3), 1])] },
  'image.cropAndResize': {
    draw: (s) => {
      const [batch, count] = [s.int(1, 3), s.int(1, 3)];
      const x = s.addends([batch, s.int(1, 5), s.int(1, 5), s.int(1, 2)]);
      return [
        x,
        boxes(s, count),
        s.ints([count], 0, batch - 1),
        [s.int(1, 4), s.int(1, 4)],
        s.pick(['bilinear', 'nearest']),
      ];
    },
    gradient: false,
    error: 'tensor',
  },
  'image.rotateWithOffset': {
    draw: (s) => [s.addends([s.int(1, 2), s.int(1, 5), s.int(1, 5), s.int(1, 3)]), s.unit() * 3, s.pick([0, 1]), 0.5],
    gradient: false,
  },
  'image.transform': {
    draw: (s) => {
      const batch = s.int(1, 2);
      const x = s.addends([batch, s.int(1, 5), s.int(1, 5), s.int(1, 2)]);
      return [
        x,
        s.reals([batch, 8], -0.5, 0.5),
        s.pick(['nearest', 'bilinear']),
        s.pick(['constant', 'reflect', 'wrap', 'nearest']),
        0,
      ];
    },
    gradient: false,
    error: 'tensor',
  },
  'image.nonMaxSuppression': suppression(() => []),
  'image.nonMaxSuppressionWithScore': suppression((s) => [s.pick([0, 0.5])]),
  'image.nonMaxSuppressionPadded': suppression((s) => [s.chance(0.5)]),
};
