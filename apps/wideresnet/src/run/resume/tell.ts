import type { Plan } from '../plan.ts';
import { shownPath } from '../run-folder.ts';
import { changesText } from './differences.ts';
import type { Found } from './find-run.ts';

/** Says where a run goes on, and with what change. */
export function tell({ name, steps }: Plan, found: Found, note: (text: string) => void): void {
  if (found.kind === 'finished') note(`${name} was finished before, after ${found.summary.steps} steps.`);
  if (found.kind === 'begun') {
    const again = found.logged > 0 ? ` again; the ${found.logged} in its log are made anew` : '';
    note(`${name} has no checkpoint: it begins with the first step${again}.`);
  }
  if (found.kind === 'under way')
    note(`${name} goes on after step ${found.from.position.step} of ${steps}, from ${shownPath(found.file)}.`);
  if ('changes' in found && Object.keys(found.changes).length > 0)
    note(`note: changed from here on: ${changesText(found.changes)}.`);
}
