import type { World } from '@steppe/distributed';
import { printable } from '@steppe/files';
import { print } from '../report/print.ts';
import type { Reporter } from '../report/reporter.ts';

/** What a rank tells: the first one all, the others what only they know. */
export type Voice = {
  readonly reporter: Reporter;
  /** Lets the first rank say what the others had to say before the first step, once. */
  gather(workers: World): void;
};

const nothing: Pick<Reporter, 'begin' | 'run' | 'estimate' | 'end'> = {
  begin() {},
  run: () => ({ onStep() {}, onEvaluation() {}, stop() {} }),
  estimate() {},
  end() {},
};

/** The reporter of a rank: those beside the first one print nothing but notes that it has not said itself. */
export function voiceOf({ rank, size }: Pick<World, 'rank' | 'size'>, open: () => Reporter): Voice {
  if (size === 1) return { reporter: open(), gather() {} };
  const said: string[] = [];
  let isGathered = false;
  const { note, ...rest }: Reporter =
    rank === 0 ? open() : { ...nothing, note: (text) => isGathered && print(process.stderr, `rank ${rank}: ${text}`) };
  return {
    reporter: {
      ...rest,
      note(text) {
        if (!isGathered) said.push(text);
        note(text);
      },
    },
    gather(workers) {
      const all = workers
        .allGather(new TextEncoder().encode(JSON.stringify(said)))
        .map((bytes) => JSON.parse(new TextDecoder().decode(bytes)) as readonly string[]);
      isGathered = true;
      if (rank !== 0) return;
      const told = new Set(said);
      for (const [other, texts] of all.entries())
        for (const text of texts) {
          // Ranks on one machine have the same to say.
          if (!told.has(text)) note(`rank ${other}: ${printable(text)}`);
          told.add(text);
        }
    },
  };
}
