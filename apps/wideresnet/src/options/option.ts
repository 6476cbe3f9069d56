import type { Kind } from './kinds.ts';

/** What is known of an option: everything that is said of it anywhere is made of this. */
export type Option<Value> = {
  readonly group: 'Data' | 'Network' | 'Sharpness-aware minimization' | 'Training' | 'Machine and output';
  readonly kind: Kind<Value>;
  /** The placeholder of its value; a switch has none. */
  readonly value?: string;
  /** What it is for. */
  readonly about: string;
  /** Whether a run may do without it. */
  readonly spare?: true;
  /** Whether it decides which images a run sees: a run that is repeated must see the same ones. */
  readonly decidesData?: true;
  /** Whether a run may go on with another value of it. */
  readonly mayChange?: true;
  /** Whether it is about where a command writes and what it prints: `config.json` does not hold it. */
  readonly isOutput?: true;
  /** Whether its value stays text where it looks like a number. */
  readonly isText?: true;
  /** Whether it names a file or folder that a run reads: a run keeps the whole path. */
  readonly isPath?: true;
};

/** The options of one group, from their names to what is known of them. */
export const inGroup =
  (group: Option<unknown>['group']) =>
  <const Rest extends Omit<Option<unknown>, 'group'>>(rest: Rest): Rest & { readonly group: typeof group } => ({
    ...rest,
    group,
  });

type Table = { readonly [name: string]: { readonly about: string } };

/** The names of a table, each of its own type. */
export const namesOf = <Entries extends object>(table: Entries): readonly (keyof Entries & string)[] =>
  Object.keys(table) as (keyof Entries & string)[];

/** The entries of a table in a sentence: `momentum: SGD with Nesterov momentum; sgd: the plain gradient`. */
export const listed = (table: Table): string =>
  Object.entries(table)
    .map(([name, { about }]) => `${name}: ${about}`)
    .join('; ');
