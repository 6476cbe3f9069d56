import { check } from '../options/check.ts';
import { namesOf } from '../options/option.ts';
import { paragraph, widthOf } from '../report/layout.ts';
import { sharedOptions } from '../sharpness/options.ts';
import { type RhoSaid, readRhoOptions, rhoOptions } from '../sharpness/rho-options.ts';
import { paperRhos } from '../sweep/grids.ts';
import { type Command, quiet, typed, withOptions } from './command-line.ts';
import { exitCodes } from './exit-codes.ts';
import { examples } from './help-text.ts';

const help = (width: number): string => `
${paragraph(`SAM derives its step from a linear model of the loss, which promises a rise of ρ‖g‖_q within the radius ρ. For each radius of the paper's search (${paperRhos.join(', ')}; at another norm those that are comparable) and that of the run it measures the true rise around the weights of the run, and says up to where the model holds. It leaves rho.json, and the curve as SVG and PNG, in a folder of their own, and writes over nothing.`, width)}

${paragraph('The advice is where to begin a search, not its end: which ρ generalizes best only held-out images say. Gradients are small at the end of training, where the model breaks sooner: look at a checkpoint from the middle by --step as well.', width)}

Examples:
${examples([
  ['steppe rho runs/first', 'around the weights that the run is about'],
  ['steppe rho runs/first --step 400 --limit 2000', 'around those of a checkpoint, on more images'],
  ['steppe rho runs/first --p inf --json', 'at another norm, as one JSON object on a line'],
])}

${exitCodes(width)}`;

/** Adds `steppe rho` to the commands. */
export function addRho(program: Command, finish: (code: number) => void): void {
  const command = quiet(
    program.command('rho').description('Says up to which ρ the linear model of SAM holds around the weights of a run.'),
  ).argument('<run>', "the run's folder");
  for (const name of namesOf(rhoOptions))
    command.option(`--${name} <${rhoOptions[name].value}>`, rhoOptions[name].about);
  withOptions(command, sharedOptions)
    .addHelpText('after', () => help(widthOf(process.stdout)))
    .action(async (run: string, said: RhoSaid) => {
      const asked = readRhoOptions(said);
      const machine = check(typed(command, new Set(Object.keys(rhoOptions))));
      const { rhoCommand } = await import('./rho.ts');
      finish(await rhoCommand(run, asked, { backend: 'auto', download: false, json: false, ...machine }));
    });
}
