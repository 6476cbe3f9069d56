import { nearest } from '@steppe/check';
import { printJson } from '@steppe/tree';
import { stringify } from 'yaml';
import { lastingDifference, listPresets } from '../options/presets/describe.ts';
import { type PresetName, presetNames, presetOf } from '../options/presets/presets.ts';
import { shown } from '../options/refusal.ts';
import { paragraph, widthOf } from '../report/layout.ts';
import { print } from '../report/print.ts';
import { CommandError, exitCode } from './exit-codes.ts';

const isPreset = (name: string): name is PresetName => presetNames.some((known) => known === name);

/** Runs `steppe presets`: where runs can start from, or the options of one, as a config file has them. */
export function presetsCommand(name: string | undefined, json: boolean): number {
  const width = widthOf(process.stdout);
  if (name === undefined) {
    const all = Object.fromEntries(presetNames.map((each) => [each, presetOf(each)]));
    print(process.stdout, json ? printJson(all) : listPresets(width));
    return exitCode.ok;
  }
  if (!isPreset(name)) {
    const guess = nearest(name, presetNames);
    throw new CommandError(
      `${shown(name)} is no preset${guess === undefined ? '; steppe presets lists them.' : `: did you mean ${guess}?`}`,
    );
  }
  const preset = presetOf(name);
  const { about, unprinted } = preset;
  const text = [
    paragraph(`${name}: ${about}.`, width),
    ...(unprinted === undefined ? [] : [paragraph(`Not printed in the paper: ${unprinted}.`, width)]),
    stringify(lastingDifference(preset)).trimEnd(),
    `Example:\n  steppe train --preset ${name}`,
  ];
  print(process.stdout, json ? printJson(preset) : text.join('\n\n'));
  return exitCode.ok;
}
