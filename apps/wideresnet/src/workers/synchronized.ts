import { meanAcross, type World } from '@steppe/distributed';
import { syncBatchNorm } from '@steppe/models';
import type { Options } from '../options/table.ts';
import type { Network } from '../run/network.ts';

/** Makes a network whose batch normalizations take their statistics over the images of all ranks, where the options say
 * so; each rank applies it equally often. */
export const synchronized = (
  network: Network,
  { 'sync-batch-norm': isOn }: Pick<Options, 'sync-batch-norm'>,
  workers: World,
): Network => (isOn === true && workers.size > 1 ? syncBatchNorm(network, meanAcross(workers)) : network);
