import { FileError } from '@steppe/files';
import { type Checkpoints, openCheckpoints } from '@steppe/train/node';
import type { Facts } from './facts.ts';
import type { AnyPosition, Progress } from './progress.ts';
import type { About } from './resume/saved.ts';
import type { Outcome } from './training.ts';

/** Keeps the positions of a run. */
export type Keeper = {
  /** Keeps one while training goes on. */
  keep(position: AnyPosition, progress: Progress, isBest: boolean): void;
  /**
   * Keeps where a run ended, in its folder or in another one.
   *
   * @throws When the disk does not take it and the run is not complete: it could not go on.
   */
  keepEnd(place: string, outcome: Outcome): Promise<void>;
  /** The step of the newest one in the folder of the run; undefined where there is none. */
  newest(): number | undefined;
};

/** What is kept beside a position, and who is told of what goes wrong. */
type Beside = {
  readonly facts: Facts;
  readonly logBytes: () => number;
  readonly note: (text: string) => void;
  /** The step of the checkpoint that the run goes on from. */
  readonly from?: number | undefined;
};

/** Of a checkpoint that was not written: why was told then. */
const unwritten = Object.assign(new Error('it was not written'), { code: 'EIO' });

/** Keeps the positions of the run in a folder, with what it is made of and the length of its log. */
export function keeper(folder: string, checkpoints: Checkpoints, { facts, logBytes, note, from }: Beside): Keeper {
  let newest = from;
  let last: { readonly step: number; readonly saved: Promise<string | undefined> } | undefined;
  const save = (
    to: Checkpoints,
    position: AnyPosition,
    progress: Progress,
    best = false,
  ): Promise<string | undefined> => {
    const about: About = { schema: 'steppe.checkpoint/1', facts, progress, logBytes: logBytes() };
    return to.save(position, about, { best }).then((file) => {
      if (file !== undefined && to === checkpoints) newest = Math.max(newest ?? 0, position.step);
      return file;
    });
  };
  return {
    keep(position, progress, isBest) {
      // Nobody waits for it, and training is worth more than one checkpoint.
      const saved = save(checkpoints, position, progress, isBest).catch(({ message }: Error): undefined => {
        note(message);
      });
      last = { step: position.step, saved };
    },
    async keepEnd(place, { end, progress, status }) {
      const isHere = place === folder;
      if (isHere && last?.step === end.step && (await last.saved) !== undefined) return;
      const to = isHere ? checkpoints : openCheckpoints(place);
      const file = await save(to, end, progress);
      if (!isHere) await to.close();
      if (file === undefined && status === 'interrupted') throw new FileError(place, 'takes no checkpoint.', unwritten);
    },
    newest: () => newest,
  };
}
