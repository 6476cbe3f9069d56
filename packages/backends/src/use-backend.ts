import { allDevices } from './all-devices.ts';
import {
  type BackendName,
  type BackendOptions,
  type BackendRequest,
  backendNames,
  firstLine,
  isFound,
  type Missing,
} from './device.ts';
import { checkPrecision, setPrecision } from './precision.ts';
import { repairCommand } from './remedies.ts';

/** A device that was tried in vain. */
export type PassedOver = Missing & {
  readonly name: BackendName;
};

/** What `useBackend` chose. */
export type Chosen = {
  readonly name: BackendName;
  /** The version of the library that computes. */
  readonly version: string;
  /** What computes: the library and the hardware, in a few words. */
  readonly description: string;
  /** Why it was chosen, in a few words. */
  readonly why: string;
  /** What holds the device back, with the remedy; usually nothing. */
  readonly warnings: readonly string[];
  /** The better devices that are not available, each with the command that would make it so. */
  readonly passedOver: readonly PassedOver[];
};

const title = (name: BackendName): string =>
  ({ cuda: 'CUDA', webgpu: 'WebGPU', native: 'The native engine', wasm: 'WASM', cpu: 'The CPU backend' })[name];

/**
 * Chooses the device that tfjs computes on: the one asked for, or the fastest one that is there.
 *
 * `auto` tries CUDA (`@tensorflow/tfjs-node-gpu`, else `@tensorflow/tfjs-node`; passed over where TensorFlow sees no
 * GPU), WebGPU (in Node by the package `webgpu`; passed over where it has a software renderer only), the C kernels of
 * `@steppe/native`, WASM with the kernels of this package, and plain JavaScript, which is always there. The packages of
 * the first two are optional peers: install the ones you want. Calling it again switches; tensors follow when they are
 * used.
 *
 * `precision` asks for products of bfloat16, which the native engine has in three kinds; see `BackendOptions`.
 *
 * @returns What was chosen and why, and for each better device the reason that it was not, with the command that would
 * make it available.
 * @throws When the device asked for cannot be had, naming the command; when there is no device or no precision of that name; when an
 * environment variable of the native engine is set wrongly, such as `STEPPE_THREADS=0`, which `auto` does not pass
 * over.
 *
 * @example
 * ```ts
 * import { useBackend } from '@steppe/backends';
 *
 * const { name, passedOver } = await useBackend('cpu');
 * console.log(name, passedOver); // => cpu []
 * ```
 */
export async function useBackend(request: BackendRequest = 'auto', options: BackendOptions = {}): Promise<Chosen> {
  const auto = request === 'auto';
  const candidates = allDevices.filter(({ name }) => auto || name === request);
  if (candidates.length === 0)
    throw new Error(`backend must be one of auto, ${backendNames.join(', ')}, got ${String(request)}.`);
  checkPrecision(options.precision);
  const passedOver: PassedOver[] = [];
  let cause: unknown;
  for (const { name, probe } of candidates) {
    const probed = await probe({ ...options, auto });
    if (!isFound(probed)) {
      if (probed.mistake) throw probed.mistake;
      passedOver.push({ name, ...probed });
      continue;
    }
    const { version, description, warnings, activate } = probed;
    try {
      await activate();
    } catch (error) {
      cause = error;
      passedOver.push({ name, reason: firstLine(error), command: repairCommand(name) });
      continue;
    }
    const why = auto ? (passedOver.length === 0 ? 'nothing is faster' : 'the fastest that is available') : 'asked for';
    const all = [...warnings, ...setPrecision(name, options.precision)];
    return { name, version, description, why, warnings: all, passedOver };
  }
  const [first] = passedOver;
  throw new Error(
    auto || !first
      ? 'No backend could be started.'
      : `${title(first.name)} is not available: ${first.reason}. To change that: ${first.command}`,
    { cause },
  );
}
