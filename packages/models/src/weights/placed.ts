import { aNumber, type Check, checkOptions, checkRecord, oneOf, refusal, shown } from '@steppe/check';
import { leaves, type Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { WeightName } from './names.ts';

/** The two trees of a network. */
export type Weights<Params extends Tree, State extends Tree> = { readonly params: Params; readonly state: State };

/** A tensor of a network with its published name. */
export type Placed = WeightName & { readonly leaf: Tensor };

/** At most so many names stand in a message. */
const MOST = 8;

/** Lists names in a message: all where they are few, and how many more there are. */
export const listed = (names: readonly string[]): string =>
  names.length <= MOST
    ? names.join(', ')
    : `${names.slice(0, MOST).join(', ')} and ${names.length - MOST} more (${names.length} in all)`;

const text: Check = (name, value) => {
  if (typeof value !== 'string') throw refusal(name, 'a text', value);
};

/** What an entry of the names must be. */
const entryChecks: { readonly [part: string]: Check } = {
  path: text,
  name: text,
  layout: oneOf('same', 'conv', 'depthwise', 'dense', 'pointwise'),
  of: oneOf('params', 'state'),
  head: oneOf(true, false),
  prefix: aNumber(['a whole number of at least 0', (n) => Number.isInteger(n) && n >= 0]),
};

/** Refuses what is no list of names, and trees of no network. */
function checkGiven(names: unknown, weights: unknown): void {
  if (!Array.isArray(names)) throw new Error(`names must be the list of a network's names, got ${shown(names)}.`);
  for (const [i, entry] of names.entries()) {
    checkOptions(`names[${i}]`, entry, entryChecks);
    for (const part of ['path', 'name', 'layout', 'of'])
      entryChecks[part]?.(`${part} of names[${i}]`, Reflect.get(entry, part));
  }
  checkRecord('The weights', weights);
}

/**
 * Finds the tensor of every name.
 *
 * @throws When names and tensors are not those of one network: each tensor has one name.
 */
export function placed(names: readonly WeightName[], weights: Weights<Tree, Tree>): readonly Placed[] {
  checkGiven(names, weights);
  const { params, state } = weights;
  const waiting = new Map(
    Object.entries({ params, state }).flatMap(([of, tree]) =>
      leaves(tree).map(({ path, leaf }) => [`${of} ${path}`, leaf] as const),
    ),
  );
  const [found, odd]: [Placed[], string[]] = [[], []];
  const taken = new Set<string>();
  for (const entry of names) {
    const { of, path, name } = entry;
    const leaf = waiting.get(`${of} ${path}`);
    if (leaf === undefined || taken.has(name)) odd.push(`"${path}"`);
    else found.push({ ...entry, leaf });
    waiting.delete(`${of} ${path}`);
    taken.add(name);
  }
  if (odd.length === 0 && waiting.size === 0) return found;
  const what = [
    ...(odd.length > 0 ? [`nothing, or a second name, at ${listed(odd)}`] : []),
    ...(waiting.size > 0 ? [`no name for ${listed([...waiting.keys()].map((key) => `"${key.split(' ')[1]}"`))}`] : []),
  ];
  throw new Error(
    `The names are not those of this network: ${what.join('; ')}. Make them from the options that made the network.`,
  );
}
