import { platform } from '#platform';
import type { BackendName } from './device.ts';

/** Commands that put another copy of what computes in the place of one that does not work. */
const commands: Readonly<Record<BackendName, string>> = {
  cuda: 'npm rebuild @tensorflow/tfjs-node-gpu --build-addon-from-source',
  webgpu: 'npm install webgpu@latest @tensorflow/tfjs-backend-webgpu@latest',
  native: 'npm install @steppe/native@latest',
  wasm: 'npm install @tensorflow/tfjs-backend-wasm@latest',
  cpu: 'npm install @tensorflow/tfjs-backend-cpu@latest',
};

/**
 * Gives the command that may help where a device is there but fails: when it starts, or at its first computation.
 *
 * @example
 * ```ts
 * import { repairCommand } from '@steppe/backends';
 *
 * console.log(repairCommand('native')); // => npm install @steppe/native@latest
 * ```
 */
export const repairCommand = (name: BackendName): string =>
  platform.name === 'browser' ? 'reload the page' : commands[name];

/**
 * How to get a TensorFlow that computes on a GPU of today: the published package brings TensorFlow 2.9.1 and wants CUDA
 * 11.2, which are older than the GPUs that are sold.
 */
export const buildForCuda =
  'git clone https://github.com/steppe-ml/steppe && node steppe/tools/tensorflow/build.mjs --cuda, then npm install the path that it prints (docs/cuda.md)';

/** How a user of this package asks for a device by its name. */
export const askByCall = (name: BackendName): string => `useBackend('${name}')`;
