import type { Precision } from '@steppe/kernels/precisions';
import type { BackendName } from './names.ts';

export { type BackendName, backendNames } from './names.ts';

/** Names a device, or leaves the choice to `useBackend`. */
export type BackendRequest = BackendName | 'auto';

/** Says how devices are looked for. */
export type BackendOptions = {
  /**
   * Tells how the user of the program asks for a device by its name, which is the remedy where a device is passed over
   * only because nobody did.
   *
   * @defaultValue The call: `useBackend('webgpu')`.
   */
  readonly ask?: (name: BackendName) => string;
  /**
   * Where the `.wasm` files of `@tensorflow/tfjs-backend-wasm` are served: the URL of their folder, or one URL per
   * file.
   *
   * @defaultValue In Node the package's own folder; in browsers beside the script.
   */
  readonly wasmPaths?: string | Readonly<Record<string, string>>;
  /**
   * How convolutions and matrix products multiply, from here on: `highest` in float32; `high` by three products of
   * bfloat16 (relative errors near 1e-6), `default` by one (near 1e-3), with sums in float32. Of the devices only `native`
   * has the last two; on others they change nothing, which `warnings` says.
   *
   * @defaultValue `'highest'`
   */
  readonly precision?: Precision;
};

/** Facts on a device by name: its library, its instruction set, its threads, ... */
export type DeviceDetails = Readonly<Record<string, string | number | readonly string[]>>;

/** A device that can be used. */
export type Found = {
  /** The name under which tfjs knows the backend. */
  readonly tfjsName: string;
  readonly version: string;
  /** What computes: the library and the hardware, in a few words. */
  readonly description: string;
  /** What holds the device back, with the remedy; usually nothing. */
  readonly warnings: readonly string[];
  /** What a program or a curious reader may want to know besides. */
  readonly details?: DeviceDetails;
  /** Makes the backend tfjs's current one. */
  readonly activate: () => Promise<void>;
};

/** A device that cannot be used, and the command that would change that. */
export type Missing = {
  readonly reason: string;
  readonly command: string;
  /** What the user set wrongly, and no other device may hide. */
  readonly mistake?: Error;
};

/** A way to compute: it is looked for without being chosen. */
export type Device = {
  readonly name: BackendName;
  /** @param auto - Whether nobody asked for this device: it must then be worth having. */
  readonly probe: (options: BackendOptions & { readonly auto: boolean }) => Promise<Found | Missing>;
};

/** Tells whether a probe found the device. */
export const isFound = (probed: Found | Missing): probed is Found => 'activate' in probed;

/** The first line of what an error says, without its full stop: for reports of one line. */
export function firstLine(error: unknown): string {
  const text = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  return String(text).split('\n')[0]?.trim().replace(/\.$/, '') || 'unknown error';
}
