import type { Effects } from './effects.ts';
import { type Column, columnsIn, type Step, textOf } from './steps.ts';

/** A call among others: what it touches, and what it computes if that is done element by element. */
export type Item = { readonly effects: Effects; readonly step?: Step | undefined };

/** STEPPE_SWEEP_COLUMNS of steppe.h, and how many steps are run in one sweep. */
const [mostColumns, mostSteps] = [32, 64];

/** Steps that may run as one, at the place of the last of them: nothing between them touches what they do. */
type Group = {
  readonly members: readonly number[];
  readonly columns: ReadonlyMap<string, Column>;
  /** The columns that are written, by their text. */
  readonly results: ReadonlySet<string>;
  readonly reads: ReadonlySet<number>;
  readonly writes: ReadonlySet<number>;
};

const meets = (a: ReadonlySet<number>, b: ReadonlySet<number>): boolean => [...a].some((buffer) => b.has(buffer));

/** Whether a call has to come after the whole of a group. */
const waits = ({ reads, writes }: Effects, group: Group): boolean =>
  meets(writes, group.reads) || meets(writes, group.writes) || meets(reads, group.writes);

/** Whether a step finds what it shares with a group element by element: in the very same column. */
function isAligned({ a, b, y, number }: Step, { columns, reads, writes }: Group): boolean {
  if (number && writes.has(number.buffer)) return false;
  const read = [a ?? [], b ?? []].filter((column) => column.some(({ buffer }) => writes.has(buffer)));
  const written = y.some(({ buffer }) => reads.has(buffer) || writes.has(buffer)) ? [y] : [];
  return [...read, ...written].every((column) => columns.has(textOf(column)));
}

/** Joins groups and a step that reads what they write. */
function joined(groups: readonly Group[], at: number, { effects, step }: Item & { readonly step: Step }): Group {
  const all = <T>(of: (group: Group) => Iterable<T>, own: Iterable<T>): readonly T[] => [
    ...groups.flatMap((group) => [...of(group)]),
    ...own,
  ];
  return {
    members: [...all((group) => group.members, [at])].sort((a, b) => a - b),
    columns: new Map(all((group) => group.columns, columnsIn([step]))),
    results: new Set(all((group) => group.results, [textOf(step.y)])),
    reads: new Set(all((group) => group.reads, effects.reads)),
    writes: new Set(all((group) => group.writes, effects.writes)),
  };
}

const fits = ({ members, columns }: Group): boolean => members.length <= mostSteps && columns.size <= mostColumns;

/** Finds the steps that can run as one sweep each, two at least, of leaves of the same sizes: a step joins the groups
 * whose results it reads. */
export function groupsOf(items: readonly Item[]): readonly (readonly number[])[] {
  const done: Group[] = [];
  let open: Group[] = [];
  const sizesOf = (group: Group): string => String(items[group.members[0] ?? 0]?.step?.sizes);
  const close = (isClosed: (group: Group) => boolean): void => {
    done.push(...open.filter(isClosed));
    open = open.filter((group) => !isClosed(group));
  };
  for (const [at, { effects, step }] of items.entries()) {
    if (!step) {
      close((group) => waits(effects, group));
      continue;
    }
    const sizes = String(step.sizes);
    const read = [step.a, step.b].flatMap((column) => (column ? [textOf(column)] : []));
    const before = open.filter(
      (group) => sizesOf(group) === sizes && isAligned(step, group) && read.some((column) => group.results.has(column)),
    );
    const larger = joined(before, at, { effects, step });
    const joins = fits(larger) ? before : [];
    close((group) => !joins.includes(group) && waits(effects, group));
    open = [
      ...open.filter((group) => !joins.includes(group)),
      joins.length > 0 ? larger : joined([], at, { effects, step }),
    ];
  }
  close(() => true);
  return done.map(({ members }) => members).filter(({ length }) => length > 1);
}
