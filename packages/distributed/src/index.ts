export { agree, type Facts } from './agree.ts';
export { allReduceMean } from './all-reduce-mean.ts';
export { meanAcross } from './mean-across.ts';
export { meanOfTrees } from './mean-of-trees.ts';
export type { Numbers, Whole } from './mpi/connect.ts';
export { onTwoRanks } from './on-two-ranks.ts';
export { type Rows, rowsOf } from './rows-of.ts';
export { type Reduction, type World, type WorldOptions, world } from './world.ts';
