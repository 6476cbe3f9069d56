import { join } from 'node:path';
import { printJson } from '@steppe/tree';
import { paragraph, widthOf } from '../report/layout.ts';
import { print } from '../report/print.ts';
import { newFolder, writeJson } from '../run/run-folder.ts';
import { adviseRun, rhoParts } from '../sharpness/advise-run.ts';
import { writePictures } from '../sharpness/draw.ts';
import type { RhoOptions } from '../sharpness/rho-options.ts';
import { adviceSentence, rhoLines, rhoNotes, rhoPicture } from '../sharpness/rho-text.ts';
import type { Subject } from '../sharpness/subject.ts';
import { filesLine, type Machine, measuring } from './measuring.ts';

/** Runs `steppe rho`: says how far SAM's linear model holds around the weights of a run, and which ρ follows. */
export async function rhoCommand(run: string, asked: RhoOptions, machine: Machine): Promise<number> {
  const out = asked.out === undefined ? undefined : await newFolder(asked.out);
  return measuring(
    {
      runs: [run],
      asked,
      ...(out === undefined && { file: 'rho/rho.json' }),
      parts: rhoParts,
      measure: ([subject], watch) => adviseRun(subject as Subject, asked, watch),
      async leave(result, [subject], tell) {
        const folder = out ?? join(subject?.folder ?? '.', 'rho');
        const picture = await rhoPicture(result);
        const file = join(folder, 'rho.json');
        await writeJson(file, result, { replace: true });
        const files = [file, ...(await writePictures(folder, picture === undefined ? [] : [picture]))];
        if (machine.json) {
          print(process.stdout, printJson({ schema: 'steppe.events/1', event: 'rho', result, files }));
          return;
        }
        const width = widthOf(process.stdout);
        const lines = [adviceSentence(result), ...rhoNotes(result)];
        tell(['', ...rhoLines(result), '', ...lines.map((line) => paragraph(line, width))].join('\n'));
        tell(filesLine(files));
      },
    },
    machine,
  );
}
