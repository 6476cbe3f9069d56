import { type OwnName, ownNames, ownOf, takes } from './networks/own.ts';
import type { Settings } from './schema.ts';
import type { Options } from './table.ts';

/** The options without those that belong to a network. */
const withoutOwn = (options: Options): Options =>
  Object.fromEntries(Object.entries(options).filter(([name]) => !ownNames.some((own) => own === name))) as Options;

/** What was said of networks, settled. */
export type OwnSaid = {
  /** With all options of the network that is trained, and those that were said of it and are none of it. */
  readonly options: Options;
  /** What was said of a network before a later word chose another one: by the place of the word that said it. */
  readonly replaced: readonly (readonly [index: number, option: OwnName])[];
};

/**
 * Settles the options that belong to networks: whoever chooses another network means that one as it is, without what was
 * said of the one before.
 *
 * @param base - Where all options start.
 * @param options - The base, changed by all that was said.
 * @param said - What was said, later words last.
 */
export function settleOwn(base: Options, options: Options, said: readonly Settings[]): OwnSaid {
  const networkBefore = (i: number): string =>
    said.slice(0, i).findLast(({ network }) => network !== undefined)?.network ?? base.network;
  const chosen = said.findLastIndex(({ network }, i) => network !== undefined && network !== networkBefore(i));
  const valid = said.slice(Math.max(chosen, 0));
  const meant = ownNames.flatMap((option) => {
    const word = valid.findLast((settings) => settings[option] !== undefined)?.[option];
    const value = word ?? (chosen < 0 && takes(base.network, option) ? base[option] : undefined);
    return value === undefined ? [] : [[option, value] as const];
  });
  const others = withoutOwn(options);
  const own: Partial<Options> = Object.fromEntries(meant);
  return {
    options: { ...others, ...ownOf({ ...others, ...own }), ...own },
    replaced: said
      .slice(0, Math.max(chosen, 0))
      .flatMap((settings, i) => ownNames.flatMap((name) => (settings[name] === undefined ? [] : [[i, name] as const]))),
  };
}

/** The options without those that were said of the network and are none of it. */
export const withoutForeign = (options: Options): Options => ({ ...withoutOwn(options), ...ownOf(options) });
