import { paragraph, terms } from '../report/layout.ts';
import type { Entry } from './entry.ts';
import type { Param } from './param.ts';
import { sections } from './table.ts';
import { printWritten } from './text.ts';

/** The names of a section with what is known of each, in the order of the alphabet. */
export const sorted = (table: object): readonly (readonly [string, Entry<unknown>])[] =>
  Object.entries(table).sort(([a], [b]) => a.localeCompare(b, 'en'));

/** What an option is when it is not said, in words; nothing where it must be. */
export const otherwiseOf = ({ spare, otherwise }: Param<unknown>): string => {
  if (!spare) return 'needed';
  return otherwise === undefined ? 'may be left out' : `default: ${printWritten(otherwise)}`;
};

/** The names that a chain is made of, a line each. */
export const listAll = (width: number): string =>
  Object.entries(sections)
    .map(
      ([title, table]) =>
        `${title}:\n${terms(
          sorted(table).map(([name, { about }]) => [name, about]),
          width,
        )}`,
    )
    .join('\n\n');

/** All that is known of one of them. */
export function describe(name: string, { about, takes, example }: Entry<unknown>, width: number): string {
  const rows = Object.entries(takes).map(
    ([option, param]) => [option, `${param.about}: ${param.expects} (${otherwiseOf(param)})`] as const,
  );
  return [
    paragraph(`${name} ${about}.`, width),
    rows.length === 0 ? 'It takes no options.' : `Options:\n${terms(rows, width)}`,
    `Example:\n  ${printWritten({ [name]: example })}`,
  ].join('\n\n');
}
