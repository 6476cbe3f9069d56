import { printJson } from '@steppe/tree';
import { adviseRun, rhoParts } from '../sharpness/advise-run.ts';
import { filesOf } from '../sharpness/draw.ts';
import type { RhoOptions } from '../sharpness/rho-options.ts';
import { adviceSentence, rhoLines, rhoNotes, rhoPicture } from '../sharpness/rho-text.ts';
import type { Subject } from '../sharpness/subject.ts';
import { checkStep } from '../sharpness/weights-of-step.ts';
import { type Machine, measuring } from './measuring.ts';

/** Runs `steppe rho`: says how far SAM's linear model holds around the weights of a run, and which ρ follows. */
export const rhoCommand = (run: string, asked: RhoOptions, machine: Machine): Promise<number> =>
  measuring(
    {
      name: 'rho',
      runs: [run],
      asked,
      parts: rhoParts,
      check: ([subject]) => checkStep(subject as Subject, asked.step),
      measure: ([subject], watch) => adviseRun(subject as Subject, asked, watch),
      async outcome(result) {
        const picture = await rhoPicture(result);
        const pictures = await filesOf(picture === undefined ? [] : [picture]);
        return {
          files: [['rho.json', `${printJson(result, 2)}\n`], ...pictures],
          event: { result },
          table: rhoLines(result),
          words: [adviceSentence(result), ...rhoNotes(result)],
        };
      },
    },
    machine,
  );
