import type { ChangeRecord } from '@steppe/train';
import { printJson } from '@steppe/tree';
import { CommandError, exitCode } from '../../commands/exit-codes.ts';
import { withWholePaths } from '../../options/paths.ts';
import { mayChange } from '../../options/schema.ts';
import type { Facts } from '../facts.ts';

/** What differs between a run and what is asked of it now: by name, the value before and the one from here on. */
export type Changes = ChangeRecord['changes'];

type Parts = { readonly [name: string]: unknown };

const optionsWhere = ({ options }: Facts, holds: (name: string) => boolean): Parts =>
  Object.fromEntries(Object.entries(options).filter(([name]) => holds(name)));

const ranksOf = ({ ranks = 1 }: Facts): number => ranks;

/** What the number of ranks makes of a run. */
const ofRanks: ReadonlySet<string> = new Set(['m', 'accumulate']);

/** Refuses another number of ranks that nobody has allowed. */
export function checkRanks(of: string, old: number, fresh: number): void {
  if (old === fresh) return;
  throw new CommandError(
    `${of} is of ${old === 1 ? 'one process' : `${old} ranks`}, and there ${fresh === 1 ? 'is one' : `are ${fresh}`}: start as many, or say --change-ranks, which gives up that the run ends with the bits of one without a break, and that ε̂ is of as many images unless --m says so.`,
  );
}

/** What makes a run the one that it is, by name. */
const identity = (facts: Facts, mayBeOther: (name: string) => boolean): Parts =>
  optionsWhere(facts, (name) => !mayBeOther(name));

/** What equal options make of it, which another version may make otherwise. */
const madeOf = ({ network, chain }: Facts, isAlike: boolean): Parts => ({
  parameters: network.parameters,
  ...(isAlike && { chain }),
});

/** The hashes of what it learns from. */
const dataOf = ({ dataset: { sha256, labelNoise, relabelled }, network: { pretrained } }: Facts): Parts => ({
  'SHA-256 of the images': sha256,
  'SHA-256 of the labels': relabelled?.sha256 ?? labelNoise?.sha256,
  'SHA-256 of the pretrained weights': pretrained?.sha256,
});

/** What may be another one from some step on, by name. */
const surroundings = (facts: Facts, mayBeOther: (name: string) => boolean): Parts => ({
  ranks: ranksOf(facts),
  // Runs of before keep a path as it was typed.
  ...withWholePaths(optionsWhere(facts, mayBeOther)),
  epochs: facts.epochs,
  steps: facts.steps,
  backend: facts.device.name,
  ...facts.versions,
});

const shown = (value: unknown): string => (value === undefined ? 'none' : printJson(value).replaceAll('"', ''));

/** The names at which two records differ, in their order. */
const differing = (before: Parts, now: Parts): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(now)])].filter(
    (name) => shown(before[name]) !== shown(now[name]),
  );

function refuse(before: Parts, now: Parts, what: string, code: number): void {
  const names = differing(before, now);
  if (names.length === 0) return;
  const fields = names.map((name) => `${name} was ${shown(before[name])} and is ${shown(now[name])}`).join('; ');
  throw new CommandError(`${what}: ${fields}. Begin another run for it, in another --out.`, code);
}

/**
 * Compares what a run was begun with, or its checkpoint made with, to what it shall go on with.
 *
 * @param of - What the message calls the older one.
 * @param changesRanks - Whether it may go on with another number of ranks.
 * @returns What may change and does.
 * @throws When anything else differs, with every field that does.
 */
export function changesBetween(of: string, before: Facts, now: Facts, changesRanks = false): Changes {
  if (!changesRanks) checkRanks(of, ranksOf(before), ranksOf(now));
  const isMoved = ranksOf(before) !== ranksOf(now);
  const mayBeOther = (name: string): boolean => mayChange(name) || (isMoved && ofRanks.has(name));
  // Of another length its schedules are others, too, and of other ranks the place of their mean.
  const isAlike = before.steps === now.steps && !isMoved;
  refuse(identity(before, mayBeOther), identity(now, mayBeOther), `${of} is of another run`, exitCode.usage);
  refuse(madeOf(before, isAlike), madeOf(now, isAlike), `${of} is of another version`, exitCode.usage);
  refuse(dataOf(before), dataOf(now), `${of} is of other data`, exitCode.data);
  const [old, fresh] = [surroundings(before, mayBeOther), surroundings(now, mayBeOther)];
  const pair = (name: string): Changes[string] => [
    JSON.parse(printJson(old[name] ?? null)),
    JSON.parse(printJson(fresh[name] ?? null)),
  ];
  return Object.fromEntries(differing(old, fresh).map((name) => [name, pair(name)]));
}

/** What changes, in words: `epochs from 2 to 4`. */
export const changesText = (changes: Changes): string =>
  Object.entries(changes)
    .map(([name, [before, now]]) => `${name} from ${before ?? 'none'} to ${now ?? 'none'}`)
    .join(', ');
