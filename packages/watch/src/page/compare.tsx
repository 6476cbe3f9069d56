import type { JSX } from 'preact';
import type { Run } from '../run.ts';
import type { Look } from './colors.ts';
import { differencesOf } from './differences.ts';
import { duration, grouped, percent, plain } from './format.ts';
import { Key } from './key.tsx';

type Result = readonly [title: string, of: (run: Run) => string | undefined];

/** The last value of a curve. */
const last =
  (name: string, format: (value: number) => string) =>
  ({ latest: { [name]: value } }: Run): string | undefined =>
    value === undefined ? undefined : format(value);

/** What runs are compared by, where one of them has it. */
const results: readonly Result[] = [
  ['validation error', last('validation error', percent)],
  ['test error', last('test error', percent)],
  ['test loss', last('test loss', plain)],
  ['loss', last('loss', plain)],
  ['sharpness', last('sharpness', plain)],
  ['steps', ({ step }) => grouped(step)],
  ['gradients', ({ gradients }) => grouped(gradients)],
  ['time', ({ seconds }) => duration(seconds)],
];

/** The runs that are shown, a row each: the options in which they differ, and where they stand. */
export function Compare({
  runs,
  looks,
}: {
  readonly runs: readonly Run[];
  readonly looks: ReadonlyMap<string, Look>;
}): JSX.Element {
  const columns = results.filter(([, of]) => runs.some((run) => of(run) !== undefined));
  const differences = differencesOf(runs);
  return (
    <section class="compare" aria-labelledby="compare">
      <h2 id="compare">Differing options and results</h2>
      {/* A region that scrolls must be reached by keyboard. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: else the arrows cannot scroll it */}
      <section class="scroll" tabIndex={0} aria-label="Table of runs">
        <table>
          <thead>
            <tr>
              <th scope="col">run</th>
              {differences.map(({ name }) => (
                <th key={name} scope="col" class="differing">
                  {name}
                </th>
              ))}
              {columns.map(([title]) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {runs.map((run, i) => (
              <tr key={run.name}>
                <th scope="row">
                  <Key look={looks.get(run.name)} />
                  {run.name}
                </th>
                {differences.map(({ name, values }) => (
                  <td key={name} class="differing">
                    {values[i] === undefined ? '' : String(values[i])}
                  </td>
                ))}
                {columns.map(([title, of]) => (
                  <td key={title}>{of(run) ?? ''}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}
