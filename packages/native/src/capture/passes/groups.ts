import { type Effects, meets } from './effects.ts';
import { type Column, columnsIn, type Step, textOf } from './steps.ts';

/** A call among others: what it touches, and what it computes if that is done element by element. */
export type Item = { readonly effects: Effects; readonly step?: Step | undefined };

/** STEPPE_SWEEP_COLUMNS of steppe.h, and how many steps are run in one sweep. */
const [mostColumns, mostSteps] = [32, 64];

/** Steps that may run as one, at the place of the last of them: nothing between them touches what they do. */
type Group = {
  readonly members: readonly number[];
  /** The sizes of the leaves of each step, in a text. */
  readonly sizes: string;
  readonly columns: ReadonlyMap<string, Column>;
  /** The columns that are written, by their text. */
  readonly results: ReadonlySet<string>;
  readonly reads: ReadonlySet<number>;
  readonly writes: ReadonlySet<number>;
};

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

/** A step on its own. */
const alone = (at: number, sizes: string, { effects, step }: Item & { readonly step: Step }): Group => ({
  members: [at],
  sizes,
  columns: columnsIn([step]),
  results: new Set([textOf(step.y)]),
  reads: effects.reads,
  writes: effects.writes,
});

/** Joins groups to one. */
function joined(groups: readonly Group[]): Group {
  const all = <T>(of: (group: Group) => Iterable<T>): readonly T[] => groups.flatMap((group) => [...of(group)]);
  return {
    members: [...all((group) => group.members)].sort((a, b) => a - b),
    sizes: groups[0]?.sizes ?? '',
    columns: new Map(all((group) => group.columns)),
    results: new Set(all((group) => group.results)),
    reads: new Set(all((group) => group.reads)),
    writes: new Set(all((group) => group.writes)),
  };
}

const fits = ({ members, columns }: Group): boolean => members.length <= mostSteps && columns.size <= mostColumns;

/** Finds the steps that can run as one sweep each, two at least, of leaves of the same sizes: a step joins the groups
 * whose results it reads. */
export function groupsOf(items: readonly Item[]): readonly (readonly number[])[] {
  const done: Group[] = [];
  let open: Group[] = [];
  // Most calls close none, and this runs before V8 has compiled it.
  const close = (isClosed: (group: Group) => boolean): void => {
    const left: Group[] = [];
    for (const group of open) (isClosed(group) ? done : left).push(group);
    if (left.length < open.length) open = left;
  };
  for (const [at, { effects, step }] of items.entries()) {
    if (!step) {
      close((group) => waits(effects, group));
      continue;
    }
    const sizes = String(step.sizes);
    const read = [step.a, step.b].flatMap((column) => (column ? [textOf(column)] : []));
    const before = open.filter(
      (group) => group.sizes === sizes && isAligned(step, group) && read.some((column) => group.results.has(column)),
    );
    const own = alone(at, sizes, { effects, step });
    const larger = before.length > 0 ? joined([...before, own]) : own;
    const joins = fits(larger) ? before : [];
    close((group) => !joins.includes(group) && waits(effects, group));
    open = [...open.filter((group) => !joins.includes(group)), joins.length > 0 ? larger : own];
  }
  close(() => true);
  return done.map(({ members }) => members).filter(({ length }) => length > 1);
}
