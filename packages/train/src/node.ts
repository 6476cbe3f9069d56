export { type Checkpoints, type CheckpointsOptions, openCheckpoints, type Skipped } from './checkpoint/checkpoints.ts';
export type { Checkpoint } from './checkpoint/read-checkpoint.ts';
export { openRunLog, type RunLog, type RunLogOptions, readRunLog } from './run-log.ts';
export { loadTree, saveTree } from './save-tree.ts';
export { type EventLog, type EventLogOptions, openEventLog } from './tensorboard/open-event-log.ts';
