import type { JSX } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Charts } from './charts.tsx';
import { type Choice, type Detail, details, inOrder, parseChoice, printChoice, shownOf } from './choice.ts';
import { type Look, lookOf } from './colors.ts';
import { Compare } from './compare.tsx';
import type { Axis } from './format.ts';
import { Options } from './options.tsx';
import { Problems } from './problems.tsx';
import { RunList } from './run-list.tsx';
import { useCurves } from './use-curves.ts';
import { type Known, useNews } from './use-news.ts';

const axes: readonly (readonly [axis: Axis, label: string])[] = [
  ['step', 'Steps'],
  ['gradients', 'Gradients'],
  ['seconds', 'Time'],
];

const degrees: readonly (readonly [detail: Detail, label: string])[] = [
  ['coarse', 'Coarse'],
  ['medium', 'Medium'],
  ['fine', 'Fine'],
];

/** What is said aloud when it changes: never each step. */
function statusOf({ runs, connection, unread }: Known): string {
  if (connection === 'opening') return 'Looking for runs …';
  if (runs.length === 0) return 'There is no run here yet: it appears as soon as one begins.';
  const running = runs.filter(({ state }) => state === 'running').length;
  const reading = unread > 0 ? ', reading their logs' : '';
  return `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}, ${running} running${reading}.`;
}

/** Gives each run the look of its turn when it is first shown, and keeps it. */
function useLooks(names: readonly string[]): ReadonlyMap<string, Look> {
  const looks = useRef<ReadonlyMap<string, Look>>(new Map());
  const fresh = names.filter((name) => !looks.current.has(name));
  if (fresh.length > 0) {
    const { size } = looks.current;
    looks.current = new Map([...looks.current, ...fresh.map((name, i) => [name, lookOf(size + i)] as const)]);
  }
  return looks.current;
}

/** The page. */
export function App(): JSX.Element {
  const known = useNews();
  const [choice, setChoice] = useState<Choice>(() => parseChoice(location.search));
  const change = (part: Partial<Choice>): void => setChoice((before) => ({ ...before, ...part }));
  const ordered = useMemo(() => inOrder(known.runs), [known.runs]);
  const shown = useMemo(() => shownOf(ordered, choice), [ordered, choice.runs]);
  const names = useMemo(() => new Set(shown.map(({ name }) => name)), [shown]);
  const looks = useLooks([...names]);
  const curves = useCurves(shown, details[choice.detail]);

  // Before the page is painted: who sees a choice finds it in the address.
  useLayoutEffect(() => {
    history.replaceState(null, '', `${location.pathname}${printChoice(choice)}`);
  }, [choice]);

  return (
    <>
      <header>
        <h1>Runs</h1>
        <p class="quiet" role="status">
          {statusOf(known)}
        </p>
        <p class="alert" role="alert">
          {known.connection === 'lost' && 'The server does not answer: what is shown is old. Start steppe watch again.'}
        </p>
      </header>
      <main>
        <details class="side" open={matchMedia('(min-width: 60rem)').matches}>
          <summary>Which runs</summary>
          <RunList runs={ordered} shown={names} looks={looks} show={(runs) => change({ runs })} />
        </details>
        <section class="results" aria-label="Charts">
          <div class="head">
            <Options label="Over" options={axes} value={choice.axis} choose={(axis) => change({ axis })} />
            <Options label="Detail" options={degrees} value={choice.detail} choose={(detail) => change({ detail })} />
            <label class="toggle">
              <input
                type="checkbox"
                checked={choice.logarithmic}
                onChange={() => change({ logarithmic: !choice.logarithmic })}
              />
              Logarithmic
            </label>
          </div>
          <Charts runs={shown} curves={curves} looks={looks} axis={choice.axis} logarithmic={choice.logarithmic} />
          {shown.length > 0 && <Compare runs={shown} looks={looks} />}
          <Problems problems={known.problems} />
        </section>
      </main>
    </>
  );
}
