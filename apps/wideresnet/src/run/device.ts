import { type BackendName, useBackend } from '@steppe/backends';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import type { PresetName } from '../options/presets/presets.ts';
import type { Options } from '../options/table.ts';

/** The device of a run as plain data: what `useBackend` says. */
export type Device = {
  readonly name: BackendName;
  readonly version: string;
  readonly description: string;
  readonly why: string;
  readonly warnings: readonly string[];
  readonly passedOver: readonly { readonly name: string; readonly reason: string; readonly command: string }[];
};

/** How whoever runs this command asks for a device. */
export const askByOption = (name: string): string => `steppe train --backend ${name}`;

/** Chooses the device that computes, and says why. */
export async function chooseDevice(backend: Options['backend'], precision?: Options['precision']): Promise<Device> {
  try {
    return await useBackend(backend, { ask: askByOption, ...(precision && { precision }) });
  } catch (cause) {
    const { message, name } = cause as Error;
    if (name === 'SettingError') throw new CommandError(message, exitCode.usage, { cause });
    if (backend === 'auto') throw new CommandError(message, exitCode.internal, { cause });
    throw new CommandError(`--backend ${backend} cannot be used. ${message}`, exitCode.usage, { cause });
  }
}

/** What was chosen and passed over, in lines for people. */
export function describeDevice({ name, description, why, warnings, passedOver }: Device): readonly string[] {
  return [
    `${name}: ${description} (${why})`,
    ...warnings.map((warning) => `note: ${warning}`),
    ...passedOver.map((other) => `passed over ${other.name}: ${other.reason} (${other.command})`),
  ];
}

/** The preset that fills about three minutes on a device, for who names none. */
export async function standardPreset(backend: Options['backend']): Promise<PresetName> {
  const { name } = await chooseDevice(backend);
  return name === 'wasm' || name === 'cpu' ? 'label-noise-mini' : 'label-noise';
}
