import { nearest } from '@steppe/check';
import { describeNetwork, listNetworks } from '../options/networks/describe.ts';
import { networkSchema, networksSchema } from '../options/networks/json-schema.ts';
import { type NetworkName, networkNames } from '../options/networks/own.ts';
import { shown } from '../options/refusal.ts';
import { widthOf } from '../report/layout.ts';
import { print } from '../report/print.ts';
import { CommandError, exitCode } from './exit-codes.ts';

const isNetwork = (name: string): name is NetworkName => networkNames.some((known) => known === name);

/** Runs `steppe networks`: what can be trained, or all that is known of one network; as JSON its schema. */
export function networksCommand(name: string | undefined, json: boolean): number {
  const width = widthOf(process.stdout);
  if (name === undefined) {
    print(process.stdout, json ? JSON.stringify(networksSchema()) : listNetworks(width));
    return exitCode.ok;
  }
  if (!isNetwork(name)) {
    const guess = nearest(name, networkNames);
    throw new CommandError(
      `${shown(name)} is no network${guess === undefined ? '; steppe networks lists them.' : `: did you mean ${guess}?`}`,
    );
  }
  print(process.stdout, json ? JSON.stringify(networkSchema(name)) : describeNetwork(name, width));
  return exitCode.ok;
}
