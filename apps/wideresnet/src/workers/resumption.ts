import type { World } from '@steppe/distributed';
import type { Plain, Tree } from '@steppe/tree';
import type { AnyPosition, Progress, Resumption } from '../run/progress.ts';
import type { Found } from '../run/resume/find-run.ts';
import { hear, tellOthers } from './send.ts';

/** What the first rank has found of a run, as far as the others need it. */
type Told = { readonly isFinished: boolean; readonly from?: Resumption };

/** Tells the other ranks where the run goes on, who need not see its folder. */
export async function tellFound(workers: World, found: Found): Promise<void> {
  if (workers.size === 1) return;
  const { position = null, best = null, progress = null } = found.kind === 'under way' ? found.from : {};
  await tellOthers(workers, {
    tree: { position, best } as Tree,
    plain: { isFinished: found.kind === 'finished', progress } as Plain,
  });
}

/** Hears where the run goes on; the tensors are the caller's. */
export async function hearFound(workers: World): Promise<Told> {
  const { tree, plain } = await hear(workers);
  const { position, best } = tree as { readonly position: AnyPosition | null; readonly best: AnyPosition | null };
  const { isFinished, progress } = plain as { readonly isFinished: boolean; readonly progress: Progress };
  return { isFinished, ...(position && { from: { position, progress, ...(best && { best }) } }) };
}
