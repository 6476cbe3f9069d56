/**
 * Names the devices, in the order in which `useBackend('auto')` tries them.
 *
 * @example
 * ```ts
 * import { backendNames } from '@steppe/backends/names';
 *
 * console.log(backendNames); // => [ 'cuda', 'webgpu', 'native', 'wasm', 'cpu' ]
 * ```
 */
export const backendNames = ['cuda', 'webgpu', 'native', 'wasm', 'cpu'] as const;

export { type Precision, precisions } from '@steppe/kernels/precisions';

/** Names a device. */
export type BackendName = (typeof backendNames)[number];
