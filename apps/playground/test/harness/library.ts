export * from '@steppe/autograd';
export * from '@steppe/backends';
export { type Batch, batches, fromIdx } from '@steppe/datasets';
export * from '@steppe/models';
export { key } from '@steppe/random';
export * from '@steppe/train';
export * from '@steppe/transforms';
export * from '@steppe/tree';
