import { blockOps } from './blocks.ts';
import { convolutionOps } from './convolutions.ts';
import { elementwiseOps } from './elementwise.ts';
import { imageOps } from './images.ts';
import { matrixOps } from './matrices.ts';
import { movementOps } from './movements.ts';
import type { Ops } from './op.ts';
import { otherOps } from './others.ts';
import { poolOps } from './pools.ts';
import { reductionOps } from './reductions.ts';
import { rowOps } from './rows.ts';

/** Operations by windows that move over images. */
const moving = (some: Ops): Ops =>
  Object.fromEntries(Object.entries(some).map(([name, op]) => [name, { ...op, windows: true }]));

/** Every operation that programs are made of, by name. */
export const ops: Ops = {
  ...elementwiseOps,
  ...reductionOps,
  ...moving({ ...convolutionOps, ...poolOps }),
  ...matrixOps,
  ...movementOps,
  ...blockOps,
  ...rowOps,
  ...imageOps,
  ...otherOps,
};
