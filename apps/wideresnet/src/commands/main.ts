import { datasetNames } from '@steppe/datasets/node';
import { benchmarked } from '../doctor/benchmarked.ts';
import { codeLine } from '../launch/lines.ts';
import { rankOf, tellLauncher } from '../launch/tell-launcher.ts';
import { check } from '../options/check.ts';
import { isFileDataset } from '../options/file-datasets.ts';
import { standardOfFiles } from '../options/presets/presets.ts';
import { resolveOptions } from '../options/resolve.ts';
import { widthOf } from '../report/layout.ts';
import { print } from '../report/print.ts';
import { Command, CommanderError, quiet, typed, usageError, withOptions } from './command-line.ts';
import { exitCode, explain } from './exit-codes.ts';
import {
  dataHelp,
  doctorHelp,
  evaluateHelp,
  linksHelp,
  networksHelp,
  presetsHelp,
  reportHelp,
  watchHelp,
} from './help-text.ts';
import { addLaunch } from './launch-words.ts';
import { addPredict } from './predict-words.ts';
import { addRho } from './rho-words.ts';
import { addSharpness } from './sharpness-words.ts';
import { addSweep } from './sweep-words.ts';
import { addTrain } from './train-words.ts';
import { version } from './version.ts';

const isDataset = (name: string): boolean => isFileDataset(name) || ['auto', ...datasetNames].includes(name);

/** What is printed below the options, as wide as the terminal. */
const after = (text: (width: number) => string) => () => text(widthOf(process.stdout));

/** Builds the commands; each loads its code when it runs, so that help and usage errors are instant. */
function commands(program: Command, finish: (code: number) => void): void {
  addTrain(program, async ({ resolved, resumes }) => {
    const { trainCommand } = await import('./train.ts');
    finish(await trainCommand(resolved, resumes));
  });
  addLaunch(program, finish);
  const evaluate = quiet(
    withOptions(program.command('evaluate').description('Measures the test error of a trained run.'), [
      'backend',
      'precision',
      'eager',
      'data',
      'images',
      'workers',
      'download',
      'json',
    ]),
  )
    .argument('<run>', "the run's folder")
    .addHelpText('after', after(evaluateHelp))
    .action(async (run: string) => {
      const said = check(typed(evaluate));
      const { evaluateCommand } = await import('./evaluate.ts');
      finish(await evaluateCommand(run, { backend: 'auto', download: false, json: false, ...said }));
    });
  const report = quiet(
    withOptions(program.command('report').description('Makes a page and pictures of runs, beside each other.'), [
      'json',
    ]),
  )
    .argument('<run...>', "the runs' folders")
    .option('--out <folder>', 'where they go (runs/report-<date>)')
    .addHelpText('after', after(reportHelp))
    .action(async (runs: readonly string[]) => {
      const { json, out } = resolveOptions(typed(report)).options;
      const { reportCommand } = await import('./report.ts');
      finish(await reportCommand(runs, { out, json }));
    });
  const doctor = quiet(
    withOptions(program.command('doctor').description('Says which devices work, and how to get the others.'), [
      'backend',
      'json',
    ]),
  )
    .option('--bench', `time the gradient of a ${benchmarked} on each, about two seconds a device`)
    .addHelpText('after', after(doctorHelp))
    .action(async ({ bench = false }: { readonly bench?: boolean }) => {
      const { backend, json } = resolveOptions(typed(doctor)).options;
      const { doctorCommand } = await import('./doctor.ts');
      finish(await doctorCommand({ backend, bench, json }));
    });
  addPredict(program, finish);
  addRho(program, finish);
  addSharpness(program, finish);
  addSweep(program, finish);
  quiet(program.command('watch').description('Serves a page that shows runs, live and finished, beside each other.'))
    .argument('[folder]', 'where the runs are', 'runs')
    .option('--port <n>', 'the port, or one of the next 20 where it is taken (default: 6060)')
    .option('--host <address>', 'listen there too, for readers on other machines; the address printed holds a token')
    .addHelpText('after', after(watchHelp))
    .action(async (folder: string, options: { readonly port?: string; readonly host?: string }) => {
      const { watchCommand } = await import('./watch.ts');
      finish(await watchCommand({ folder, ...options }));
    });
  const networks = quiet(
    withOptions(program.command('networks').description('Lists the networks that can be trained.'), ['json']),
  )
    .argument('[name]', 'one of them, with its options')
    .addHelpText('after', after(networksHelp))
    .action(async (name: string | undefined) => {
      const { json } = resolveOptions(typed(networks)).options;
      const { networksCommand } = await import('./networks.ts');
      finish(networksCommand(name, json));
    });
  const data = quiet(
    withOptions(program.command('data').description('Looks at images before a run: how many, of what, twice.'), [
      'limit',
      'download',
      'data',
      'image-size',
      'labels',
      'broken',
      'workers',
      'json',
    ]),
  )
    .argument('<name>', 'a dataset, or a folder of images')
    .option('--near <digits>', 'also find pictures that are almost the same: digits of 64 that may differ, such as 4')
    .option('--sheet <file>', 'some images of each class, as a PNG')
    .addHelpText('after', after(dataHelp))
    .action(async (name: string, { near, sheet }: { readonly near?: string; readonly sheet?: string }) => {
      const { values, nameOf } = typed(data);
      const named = isDataset(name) ? { dataset: name } : { images: name };
      const { options } = resolveOptions({ values: { ...values, ...named }, nameOf }, undefined, standardOfFiles);
      const { dataCommand } = await import('./data.ts');
      finish(await dataCommand(options, { near, sheet }));
    });
  const presets = quiet(
    withOptions(program.command('presets').description('Lists the presets, those of the paper among them.'), ['json']),
  )
    .argument('[name]', 'one of them, with its options')
    .addHelpText('after', after(presetsHelp))
    .action(async (name: string | undefined) => {
      const { json } = resolveOptions(typed(presets)).options;
      const { presetsCommand } = await import('./presets.ts');
      finish(presetsCommand(name, json));
    });
  const links = quiet(
    withOptions(program.command('links').description('Lists the links and schedules that --chain is made of.'), [
      'json',
    ]),
  )
    .argument('[name]', 'one of them, with its options')
    .addHelpText('after', after(linksHelp))
    .action(async (name: string | undefined) => {
      const { json } = resolveOptions(typed(links)).options;
      const { linksCommand } = await import('./links.ts');
      finish(linksCommand(name, json));
    });
}

/**
 * Runs the command line and gives the exit code.
 *
 * @param argv - The arguments, without those of Node.
 */
export async function main(argv: readonly string[]): Promise<number> {
  let code: number = exitCode.ok;
  const program = quiet(new Command('steppe'))
    .description('Sharpness-Aware Minimization: trains networks toward flat minima')
    .version(await version())
    .showHelpAfterError(false);
  commands(program, (result) => {
    code = result;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    tellLauncher(codeLine(code));
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCode.ok;
    if (error instanceof CommanderError && error.code === 'commander.help') return exitCode.usage;
    const called = program.commands.find((command) => command.name() === argv[0])?.name();
    const { code: failure, text } = explain(error instanceof CommanderError ? usageError(error, called, argv) : error);
    print(process.stderr, `steppe: ${rankOf(process.env)}${text}`);
    tellLauncher(codeLine(failure));
    return failure;
  }
}
