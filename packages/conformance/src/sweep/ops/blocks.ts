import type { Argument } from '../program.ts';
import type { Stream } from '../stream.ts';
import { number, type Ops, times } from './op.ts';

const blocks = (s: Stream, sides: number): number[] => times(sides, () => s.int(1, 3));

/** What surrounds a tensor, and what goes between its blocks and its depth. */
export const blockOps: Ops = {
  pad: {
    draw: (s) => {
      const x = number(s, s.shape(1, 5, 3));
      return [x, x.shape.map(() => [s.int(0, 2), s.int(0, 2)]), s.pick([undefined, 0, 7, -1])];
    },
  },
  mirrorPad: {
    draw: (s) => {
      const x = number(s, s.shape(1, 4));
      const mode = s.pick(['reflect', 'symmetric']);
      if (x.shape.includes(0)) return undefined;
      const most = (side: number): number => Math.min(3, mode === 'reflect' ? side - 1 : side);
      return [x, x.shape.map((side) => [s.int(0, most(side)), s.int(0, most(side))]), mode];
    },
  },
  depthToSpace: {
    draw: (s) => {
      const block = s.int(2, 3);
      const [n, h, w, c] = [s.side(3), s.side(3), s.side(3), block * block * s.int(1, 2)];
      return [s.reals([n, h, w, c]), block];
    },
  },
  spaceToBatchND: {
    draw: (s) => {
      const block = blocks(s, s.int(1, 2));
      const sides = block.map((b) => ({ b, side: b * s.int(1, 3), before: s.int(0, 2) }));
      const paddings = sides.map(({ b, before }) => [before, (b - (before % b)) % b]);
      return [s.reals([s.side(3), ...sides.map(({ side }) => side), ...s.shape(1, 1, 3)]), block, paddings];
    },
  },
  batchToSpaceND: {
    draw: (s) => {
      const block = blocks(s, s.int(1, 2));
      const batch = s.int(1, 2) * block.reduce((a, b) => a * b, 1);
      const sides = block.map(() => s.int(1, 3));
      const crops: Argument = block.map((b, k) => {
        const before = s.int(0, Math.min(2, b * (sides[k] as number) - 1));
        return [before, s.int(0, Math.min(2, b * (sides[k] as number) - 1 - before))];
      });
      return [s.reals([batch, ...sides, ...s.shape(1, 1, 3)]), block, crops];
    },
  },
};
