import type { World } from '@steppe/distributed';

/** The world of a run on one process. */
export const alone: World = {
  rank: 0,
  size: 1,
  localRank: 0,
  localSize: 1,
  allReduce: (values) => values,
  broadcast: (values) => values,
  allGather: (bytes) => [bytes],
  barrier() {},
  finalize() {},
};

/** Whether a process is the one that writes files and prints. */
export const isFirst = ({ rank }: Pick<World, 'rank'>): boolean => rank === 0;
