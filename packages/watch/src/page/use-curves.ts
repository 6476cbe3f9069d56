import { useEffect, useRef, useState } from 'preact/hooks';
import type { Curves, Run } from '../run.ts';
import { extended } from './lines.ts';

/** Points of all runs together that a chart draws without effort. */
const total = 16_000;

/** The points of each of so many runs: those wanted, halved until they fit, so that few changes of a selection change
 * it. */
function pointsFor(runs: number, wanted: number): number {
  let points = wanted;
  while (points * runs > total && points > 60) points = Math.floor(points / 2);
  return points;
}

async function fetchCurves(name: string, points: number, before: Curves): Promise<Curves | undefined> {
  const query = new URLSearchParams({ run: name, points: String(points) });
  // The last bucket may have grown, so it is asked for again.
  for (const [split, { version, step }] of Object.entries(before))
    query.append('have', `${version},${Math.max(0, step.length - 1)},${split}`);
  const response = await fetch(`/api/curves?${query}`);
  if (!response.ok) return undefined;
  const after: Curves = await response.json();
  return Object.fromEntries(Object.entries(after).map(([split, table]) => [split, extended(before[split], table)]));
}

/** Keeps the curves of the runs that are shown up to date, one request at a time for each run. */
export function useCurves(shown: readonly Run[], wanted: number): ReadonlyMap<string, Curves> {
  const [curves, setCurves] = useState<ReadonlyMap<string, Curves>>(new Map());
  const held = useRef(new Map<string, { readonly run: Run; readonly points: number; readonly curves: Curves }>());
  const busy = useRef(new Set<string>());
  const points = pointsFor(shown.length, wanted);

  useEffect(() => {
    for (const run of shown) {
      const before = held.current.get(run.name);
      if (busy.current.has(run.name) || (before?.run === run && before.points === points)) continue;
      busy.current.add(run.name);
      fetchCurves(run.name, points, before?.curves ?? {})
        .catch(() => undefined)
        .then((after) => {
          busy.current.delete(run.name);
          if (after === undefined) return;
          held.current.set(run.name, { run, points, curves: after });
          setCurves(new Map([...held.current].map(([name, entry]) => [name, entry.curves])));
        });
    }
  }, [shown, points, curves]);
  return curves;
}
