import * as tf from '@tensorflow/tfjs-core';
import { allDevices } from './all-devices.ts';
import { type BackendName, type BackendOptions, backendNames, type DeviceDetails, isFound } from './device.ts';

/** A row of the table of devices. */
export type DeviceRow = {
  readonly name: BackendName;
  readonly available: boolean;
  /** The version of its library; empty where it is not available. */
  readonly version: string;
  /** What it is, or why it is not available. */
  readonly reason: string;
  /** The command that would make it available; empty where it is. */
  readonly command: string;
  /** What holds it back, with the remedy. */
  readonly warnings: readonly string[];
  /** Facts by name: of the native engine its library, instruction set, threads, the binary and where it came from, the
   * kernels that C lacks. */
  readonly details: DeviceDetails;
  /** There where the user set something wrongly, such as an environment variable: `useBackend('auto')` then stops here
   * with the reason. */
  readonly mistaken?: true;
};

/**
 * Looks at one device without choosing it: what it is, or why it is not available; the current backend stays.
 *
 * @param options.asked - Whether somebody asked for this device: a software renderer is then as good as any. `false`
 * looks as `useBackend('auto')` does. Default: `true`.
 * @throws When there is no device of that name, or when an environment variable of the native engine is set wrongly.
 *
 * @example
 * ```ts
 * import { inspectDevice } from '@steppe/backends';
 *
 * const { available, reason } = await inspectDevice('cpu');
 * console.log(available, reason); // => true plain JavaScript, for checks rather than training
 * ```
 */
export async function inspectDevice(
  name: BackendName,
  { asked = true, ...options }: BackendOptions & { readonly asked?: boolean } = {},
): Promise<DeviceRow> {
  const device = allDevices.find((candidate) => candidate.name === name);
  if (!device) throw new Error(`backend must be one of ${backendNames.join(', ')}, got ${String(name)}.`);
  const before = tf.engine().backendName;
  const probed = await device.probe({ ...options, auto: !asked });
  if (before && tf.engine().backendName !== before) await tf.setBackend(before);
  if (!isFound(probed)) {
    const { reason, command, mistake } = probed;
    const row = { name, available: false, version: '', reason, command, warnings: [], details: {} };
    return mistake ? { ...row, mistaken: true } : row;
  }
  const { version, description, warnings, details = {} } = probed;
  return { name, available: true, version, reason: description, command: '', warnings, details };
}

/**
 * Lists every device, fastest first, with what it is or why it is not available; the current backend stays.
 *
 * A software WebGPU renderer counts as not available here, as for `useBackend('auto')`.
 *
 * @example
 * ```ts
 * import { devices } from '@steppe/backends';
 *
 * const rows = await devices();
 * console.log(rows.map(({ name }) => name)); // => [ 'cuda', 'webgpu', 'native', 'wasm', 'cpu' ]
 * ```
 */
export async function devices(options: BackendOptions = {}): Promise<readonly DeviceRow[]> {
  const rows: DeviceRow[] = [];
  for (const name of backendNames) rows.push(await inspectDevice(name, { ...options, asked: false }));
  return rows;
}

/**
 * Lays the table of devices out as text: a line per device, with the command that would make it available below it.
 *
 * @example
 * ```ts
 * import { formatDevices } from '@steppe/backends';
 *
 * const row = { name: 'cuda', available: false, version: '', reason: 'not installed', command: 'npm install it', warnings: [], details: {} } as const;
 * console.log(formatDevices([row]).includes('npm install it')); // => true
 * ```
 */
export function formatDevices(rows: readonly DeviceRow[]): string {
  const line = (name: string, available: string, version: string, text: string): string =>
    `${name.padEnd(8)}${available.padEnd(5)}${version.padEnd(9)}${text}`.trimEnd();
  return rows
    .flatMap(({ name, available, version, reason, command, warnings }) => [
      line(name, available ? 'yes' : 'no', version || '-', reason),
      ...[command, ...warnings].filter((text) => text !== '').map((text) => line('', '', '', text)),
    ])
    .join('\n');
}
