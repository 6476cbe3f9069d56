import type { Stream } from '../stream.ts';
import { activation, broadcastable, type Ops } from './op.ts';

const equations: readonly (readonly [string, readonly (readonly string[])[]])[] = [
  [
    'ij,jk->ik',
    [
      ['i', 'j'],
      ['j', 'k'],
    ],
  ],
  [
    'ij,jk->ki',
    [
      ['i', 'j'],
      ['j', 'k'],
    ],
  ],
  [
    'bij,bjk->bik',
    [
      ['b', 'i', 'j'],
      ['b', 'j', 'k'],
    ],
  ],
  [
    'bhqd,bhkd->bhqk',
    [
      ['b', 'h', 'q', 'd'],
      ['b', 'h', 'k', 'd'],
    ],
  ],
  ['ij->ji', [['i', 'j']]],
  ['ij->i', [['i', 'j']]],
  ['ij->j', [['i', 'j']]],
  ['ij->', [['i', 'j']]],
  ['i,i->', [['i'], ['i']]],
  ['i,j->ij', [['i'], ['j']]],
  [
    'ij,ij->ij',
    [
      ['i', 'j'],
      ['i', 'j'],
    ],
  ],
  [
    'bi,io->bo',
    [
      ['b', 'i'],
      ['i', 'o'],
    ],
  ],
  ['ijk,k->ij', [['i', 'j', 'k'], ['k']]],
  [
    'abc,cd->abd',
    [
      ['a', 'b', 'c'],
      ['c', 'd'],
    ],
  ],
];

function matrices(s: Stream, batches: readonly [number[], number[]]) {
  const [rows, inner, columns] = [s.side(5), s.side(5), s.side(5)];
  const [flipA, flipB] = [s.chance(0.4), s.chance(0.4)];
  return {
    a: s.addends([...batches[0], ...(flipA ? [inner, rows] : [rows, inner])]),
    b: s.addends([...batches[1], ...(flipB ? [columns, inner] : [inner, columns])]),
    flipA,
    flipB,
    columns,
  };
}

export const matrixOps: Ops = {
  matMul: {
    draw: (s) => {
      const { a, b, flipA, flipB } = matrices(s, broadcastable(s, 0, 3));
      return [a, b, flipA, flipB];
    },
    error: 'tensor',
  },
  'fused.matMul': {
    draw: (s) => {
      const batch = s.shape(0, 2, 3);
      const { a, b, flipA, flipB, columns } = matrices(s, [batch, batch]);
      return [
        {
          a,
          b,
          transposeA: flipA,
          transposeB: flipB,
          ...(s.chance(0.7) ? { bias: s.addends([columns]) } : {}),
          ...activation(s),
        },
      ];
    },
    error: 'tensor',
  },
  dot: {
    draw: (s) => {
      const [rows, inner, columns] = [s.side(5), s.int(1, 5), s.side(5)];
      return [
        s.addends(s.chance(0.5) ? [inner] : [rows, inner]),
        s.addends(s.chance(0.5) ? [inner] : [inner, columns]),
      ];
    },
    error: 'tensor',
  },
  outerProduct: { draw: (s) => [s.addends([s.int(1, 5)]), s.addends([s.int(1, 5)])] },
  einsum: {
    draw: (s) => {
      const [equation, terms] = s.pick(equations);
      const sides = new Map<string, number>();
      const side = (letter: string): number => {
        if (!sides.has(letter)) sides.set(letter, s.int(1, 4));
        return sides.get(letter) as number;
      };
      return [equation, ...terms.map((term) => s.addends(term.map(side)))];
    },
    error: 'tensor',
  },
};
