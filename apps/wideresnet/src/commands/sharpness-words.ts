import { check } from '../options/check.ts';
import { namesOf } from '../options/option.ts';
import { paragraph, terms, widthOf } from '../report/layout.ts';
import { sentenceOf } from '../sharpness/about.ts';
import { ownOptions, readOptions, type Said, sharedOptions } from '../sharpness/options.ts';
import { measureTable } from '../sharpness/table.ts';
import { type Command, quiet, typed, withOptions } from './command-line.ts';
import { exitCodes } from './exit-codes.ts';
import { examples } from './help-text.ts';

const help = (width: number): string => `
${paragraph('It measures the loss around the weights that a run has left: how far it rises nearby, how it curves, and what it looks like. It leaves sharpness.json, and pictures as SVG and PNG, in a folder of their own, and writes over nothing. Runs that are named together are drawn beside each other, and measured at weights of equal loss where their checkpoints have some, since the curvature of cross entropy falls with the loss.', width)}

Measures (those with a * where --measures names none):
${terms(
  namesOf(measureTable).map((name) => [name, sentenceOf(name)] as const),
  width,
)}

${paragraph('After ± stands one standard error; for eigenvalues how far they are off at most. No measure predicts generalization by itself: docs/sharpness.md says what each does not tell.', width)}

Examples:
${examples([
  ['steppe sharpness runs/first', 'one run, the measures with a *'],
  ['steppe sharpness runs/first runs/first/sgd', 'SAM beside its rival of steppe train --compare sgd'],
  ['steppe sharpness runs/first --measures eigenvalues,trace --limit 2000', 'some of them, on more images'],
  ['steppe sharpness runs/first --step 400', 'around the weights of a checkpoint'],
  ['steppe sharpness runs/first --axes eigenvectors', 'landscapes where the loss is curved most'],
  ['steppe sharpness runs/first --data test --json', 'on held-out images, as one JSON object on a line'],
])}

${exitCodes(width)}`;

/** Adds `steppe sharpness` to the commands. */
export function addSharpness(program: Command, finish: (code: number) => void): void {
  const command = quiet(
    program.command('sharpness').description('Measures how sharp the loss is around the weights of runs.'),
  ).argument('<run...>', "the runs' folders");
  for (const name of namesOf(ownOptions))
    command.option(`--${name} <${ownOptions[name].value}>`, ownOptions[name].about);
  withOptions(command, sharedOptions)
    .addHelpText('after', () => help(widthOf(process.stdout)))
    .action(async (runs: readonly string[], said: Said) => {
      const asked = readOptions(said);
      const machine = check(typed(command, new Set(Object.keys(ownOptions))));
      const { sharpnessCommand } = await import('./sharpness.ts');
      finish(
        await sharpnessCommand(runs, asked, said.measures !== undefined, {
          backend: 'auto',
          download: false,
          json: false,
          ...machine,
        }),
      );
    });
}
