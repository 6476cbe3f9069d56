import type { Case } from './case.ts';
import { edgeGradients } from './edge-gradients.ts';
import { edgeValues } from './edge-values.ts';

/**
 * Shapes and numbers at which backends of TensorFlow.js, or its gradients, were silently wrong: empty tensors, several
 * examples where one was meant, windows that are not square, axes from the back, batches that broadcast in part, whole
 * numbers that overflow, numbers from 1e-38 to 1e38.
 *
 * @example
 * ```ts
 * import { useBackend } from '@steppe/backends';
 * import { conform, edgeCases } from '@steppe/conformance';
 *
 * await useBackend('wasm');
 * const gathers = edgeCases.filter(({ name }) => name.startsWith('GatherV2'));
 * console.log((await conform('wasm', gathers)).map(({ passed }) => passed)); // => [ true, true ]
 * ```
 */
export const edgeCases: readonly Case[] = [...edgeValues, ...edgeGradients];
