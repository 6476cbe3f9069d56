import type { Place } from './table.ts';

/** Seconds over which a speed is measured: those of single steps jump about. */
const span = 1;

/** How fast a run is, whenever that is known anew. */
export type Speed = { readonly imagesPerSecond?: number; readonly stepsPerSecond?: number };

/** Makes a function that is told of each step and gives the speed about once in a second of training. */
export function speedometer(): (place: Place, batch: number | undefined) => Speed {
  let since: Place | undefined;
  return (place, batch) => {
    since ??= place;
    const seconds = place.seconds - since.seconds;
    const steps = place.step - since.step;
    if (seconds < span || steps <= 0) return {};
    since = place;
    return batch === undefined ? { stepsPerSecond: steps / seconds } : { imagesPerSecond: (batch * steps) / seconds };
  };
}
