import { paragraph, terms, widthOf } from '../report/layout.ts';
import { engines } from '../sweep/about.ts';
import { type Command, quiet } from './command-line.ts';
import { exitCodes } from './exit-codes.ts';
import { examples } from './help-text.ts';

/** What the command line of `steppe sweep` says. */
export type SweepWords = {
  readonly engine?: string;
  readonly out?: string;
  readonly dryRun?: true;
  readonly show?: string;
};

const help = (width: number): string => `
${paragraph('<spec> names the options that all trials share, those that are searched, each with a list of values, a range or a grid, and what the trials are judged by. All of them are checked before the first begins. A trial that was killed goes on where it stopped, and so does a sweep, by the same command.', width)}

  options: { preset: fashion-small, validation: 0.1 }
  search:
    rho: paper                                    # 0.01, 0.02, 0.05, 0.1, 0.2, 0.5
    lr: { low: 0.01, high: 0.3, log: true }
    seed: [0, 1, 2]
  trials: 20

${terms(
  Object.entries(engines).map(([name, { about }]) => [name, about] as const),
  width,
)}

Examples:
${examples([
  ['steppe sweep rho.yaml --engine optuna', 'needs pip install optuna'],
  ['steppe sweep rho.yaml --engine slurm --out /shared/rho', ''],
  ['steppe sweep --show sweeps/rho', 'also while it goes on'],
])}

${exitCodes(width)}`;

/** Adds `steppe sweep` to the commands. */
export function addSweep(program: Command, finish: (code: number) => void): void {
  quiet(program.command('sweep').description('Tries many values of options, by the engines that others built for it.'))
    .argument('[spec]', 'a YAML or JSON file that says what is tried')
    .option('--engine <name>', `who runs the trials: ${Object.keys(engines).join(', ')}`)
    .option('--out <folder>', 'where the trials go (sweeps/<name of the file>)')
    .option('--dry-run', 'check and write everything, run nothing')
    .option('--show <folder>', 'the trials of a sweep as a table and a chart')
    .addHelpText('after', () => help(widthOf(process.stdout)))
    .action(async (spec: string | undefined, words: SweepWords) => {
      const { sweepCommand } = await import('./sweep.ts');
      finish(await sweepCommand(spec, words));
    });
}
