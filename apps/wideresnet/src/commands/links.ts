import { nearest } from '@steppe/check';
import { describe, listAll } from '../chain/describe.ts';
import { callSchema, chainSchema } from '../chain/json-schema.ts';
import { notLinks } from '../chain/not-links.ts';
import { entryIn, tables } from '../chain/table.ts';
import { shown } from '../options/refusal.ts';
import { widthOf } from '../report/layout.ts';
import { print } from '../report/print.ts';
import { CommandError, exitCode } from './exit-codes.ts';

const names = Object.keys({ ...tables.link, ...tables.radius });

function refused(name: string): CommandError {
  const why = Object.hasOwn(notLinks, name) ? notLinks[name] : undefined;
  if (why !== undefined) return new CommandError(`${name} cannot stand in a chain: it ${why}.`);
  const guess = nearest(name, names);
  return new CommandError(
    `${shown(name)} is no link and no schedule${guess === undefined ? '; steppe links lists them.' : `: did you mean ${guess}?`}`,
  );
}

/** Runs `steppe links`: what a chain is made of, or all that is known of one link or schedule; as JSON its schema. */
export function linksCommand(name: string | undefined, json: boolean): number {
  const width = widthOf(process.stdout);
  if (name === undefined) {
    print(process.stdout, json ? JSON.stringify(chainSchema()) : listAll(width));
    return exitCode.ok;
  }
  const entry = entryIn('link', name) ?? entryIn('radius', name);
  if (entry === undefined) throw refused(name);
  print(process.stdout, json ? JSON.stringify(callSchema(name, entry)) : describe(name, entry, width));
  return exitCode.ok;
}
