import type { Case } from './case.ts';
import { kernelCases } from './kernel-cases.ts';
import { trainingCases } from './training-cases.ts';

/**
 * What a backend must do to train: the kernels with their gradients, then whole training steps and second derivatives.
 *
 * @example
 * ```ts
 * import { useBackend } from '@steppe/backends';
 * import { allCases, conform } from '@steppe/conformance';
 *
 * await useBackend('wasm');
 * const some = allCases.filter(({ name }) => name.includes('Conv2D'));
 * console.log((await conform('wasm', some)).every(({ passed }) => passed)); // => true
 * ```
 */
export const allCases: readonly Case[] = [...kernelCases, ...trainingCases];
