import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Run } from '../run.ts';
import type { Look } from './colors.ts';
import { duration, grouped, percent, plain } from './format.ts';
import { Key } from './key.tsx';

export type RunListProps = {
  readonly runs: readonly Run[];
  readonly shown: ReadonlySet<string>;
  readonly looks: ReadonlyMap<string, Look>;
  readonly show: (names: ReadonlySet<string>) => void;
};

/** What a filter looks at: `sam rho=0.05` finds runs of SAM with that radius. */
const textOf = ({ name, method = '', state, options }: Run): string =>
  [name, method, state, ...Object.entries(options).map(([option, value]) => `${option}=${value}`)]
    .join(' ')
    .toLowerCase();

const matches = (run: Run, filter: string): boolean => {
  const text = textOf(run);
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
};

/** How far a run is: `step 120 of 960, 3 min 05 s left`. */
function progressOf({ step, steps, secondsLeft, seconds, state, unread }: Run): string {
  if (unread > 0) return `reading its log, ${Math.ceil(unread / 1e6)} MB left`;
  const of = steps === undefined || state === 'complete' ? '' : ` of ${grouped(steps)}`;
  const time = secondsLeft === undefined ? duration(seconds) : `${duration(secondsLeft)} left`;
  return `step ${grouped(step)}${of}, ${time}`;
}

/** The number that a run is judged by: validation before test. */
function resultOf({ latest }: Run): string {
  for (const split of ['validation', 'test'])
    if (latest[`${split} error`] !== undefined) return `${percent(latest[`${split} error`] as number)} ${split} error`;
  return latest.loss === undefined ? '' : `loss ${plain(latest.loss)}`;
}

/** Moves between the runs by the arrows: Tab would take as many steps as there are runs. */
function onArrow(event: JSX.TargetedKeyboardEvent<HTMLElement>): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by === undefined) return;
  const boxes = [...event.currentTarget.querySelectorAll<HTMLInputElement>('input[type=checkbox]')];
  const at = boxes.findIndex((box) => box.matches(':focus'));
  const next = boxes[at + by];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

function Row({
  run,
  look,
  isShown,
  toggle,
}: {
  run: Run;
  look: Look | undefined;
  isShown: boolean;
  toggle: () => void;
}) {
  const { name, state, step, steps } = run;
  return (
    <li class={`run ${state}`}>
      <label>
        <input type="checkbox" checked={isShown} onChange={toggle} />
        <Key look={isShown ? look : undefined} />
        <span class="name">{name}</span>
        <span class="detail">
          <span class="result">{resultOf(run)}</span>
          <span class={`state ${state}`}>{state}</span>
          {progressOf(run)}
        </span>
      </label>
      {state === 'running' && steps !== undefined && (
        <progress max={steps} value={Math.min(step, steps)} aria-label={`Progress of ${name}`} />
      )}
    </li>
  );
}

/** The list of all runs: which of them are shown, and how far each is. */
export function RunList({ runs, shown, looks, show }: RunListProps): JSX.Element {
  const [filter, setFilter] = useState('');
  const found = runs.filter((run) => matches(run, filter));
  const changed = (names: readonly string[], on: boolean): ReadonlySet<string> => {
    const next = new Set(shown);
    for (const name of names) on ? next.add(name) : next.delete(name);
    return next;
  };
  const names = found.map(({ name }) => name);
  return (
    <>
      <div class="tools">
        <input
          type="search"
          aria-label="Filter runs"
          placeholder="Filter: sam rho=0.05"
          value={filter}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
        <button type="button" onClick={() => show(changed(names, true))}>
          All
        </button>
        <button type="button" onClick={() => show(changed(names, false))}>
          None
        </button>
      </div>
      <ul class="runs" aria-label="Runs" onKeyDown={onArrow}>
        {found.map((run) => (
          <Row
            key={run.name}
            run={run}
            look={looks.get(run.name)}
            isShown={shown.has(run.name)}
            toggle={() => show(changed([run.name], !shown.has(run.name)))}
          />
        ))}
      </ul>
      {found.length === 0 && runs.length > 0 && <p class="quiet">No run matches the filter.</p>}
    </>
  );
}
