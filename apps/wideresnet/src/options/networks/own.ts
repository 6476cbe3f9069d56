import type { Kind } from '../kinds.ts';
import { inGroup, namesOf, type Option } from '../option.ts';
import type { NetworkEntry, OwnOption, OwnTable, OwnValue, OwnValues } from './entry.ts';
import { networks } from './table.ts';

type Networks = typeof networks;

export type NetworkName = keyof Networks;

/** The name of an option that belongs to some of the networks. */
export type OwnName = { [Name in NetworkName]: keyof Networks[Name]['options'] & string }[NetworkName];

/** The names of all networks. */
export const networkNames: readonly NetworkName[] = namesOf(networks);

/** Finds what is known of a network. */
export const entryOf = (name: NetworkName): NetworkEntry => networks[name];

const ownTable = (name: NetworkName): OwnTable => entryOf(name).options;

/** The names of the options that belong to some of the networks. */
export const ownNames = [...new Set(networkNames.flatMap((name) => Object.keys(ownTable(name))))] as readonly OwnName[];

/** Whether a network takes an option that belongs to some of them. */
export const takes = (network: NetworkName, option: OwnName): boolean => option in ownTable(network);

/** The networks that take an option that belongs to some of them. */
export const takersOf = (option: OwnName): readonly NetworkName[] => networkNames.filter((name) => takes(name, option));

/** The options of the network that a run trains. */
export const ownOf = ({
  network,
  ...all
}: { readonly network: NetworkName } & { readonly [Name in OwnName]?: OwnValue }): OwnValues =>
  Object.fromEntries(
    Object.entries(ownTable(network)).map(([option, { fallback }]) => [option, all[option as OwnName] ?? fallback]),
  );

const ofOne = ({ about, kind, fallback }: OwnOption): string =>
  `${about}${kind.wider === undefined ? '' : `, ${kind.expects}`}, ${fallback} unless said`;

/** What an option is for each network that takes it; networks for which it is the same stand together. */
function aboutOf(of: readonly (readonly [NetworkName, OwnOption])[]): string {
  const texts = [...new Set(of.map(([, own]) => ofOne(own)))];
  return texts
    .map((text) => `${of.flatMap(([name, own]) => (ofOne(own) === text ? [name] : [])).join(', ')}: ${text}`)
    .join('; ');
}

/** A kind that allows what one of some kinds does: which one a network narrows it to is only known beside it. */
function kindOf(kinds: readonly Kind<OwnValue>[]): Kind<OwnValue> {
  const [first, ...others] = [...new Set(kinds.map((kind) => kind.wider ?? kind))] as [
    Kind<OwnValue>,
    ...Kind<OwnValue>[],
  ];
  return others.reduce(
    (one, other) => ({ schema: one.schema.or(other.schema), expects: `${one.expects}, or ${other.expects}` }),
    first,
  );
}

function merged(option: OwnName): Option<OwnValue> & { readonly spare: true } {
  const of = takersOf(option).map((name) => [name, ownTable(name)[option] as OwnOption] as const);
  const value = of.find(([, own]) => own.value !== undefined)?.[1].value;
  return {
    ...inGroup('Network')({ kind: kindOf(of.map(([, { kind }]) => kind)), about: aboutOf(of), spare: true }),
    ...(value !== undefined && { value }),
  };
}

/** The options that belong to some of the networks, as the command line and config files take them. */
export const ownOptions = Object.fromEntries(ownNames.map((option) => [option, merged(option)])) as {
  readonly [Name in OwnName]: ReturnType<typeof merged>;
};
