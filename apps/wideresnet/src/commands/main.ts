import { readConfigFile } from '../options/config-file.ts';
import { optionHelp } from '../options/option-help.ts';
import type { OptionName } from '../options/options.ts';
import { presets } from '../options/presets.ts';
import { resolveOptions } from '../options/resolve-options.ts';
import { Command, CommanderError, quiet, typed, usageError, withOptions } from './command-line.ts';
import { exitCode, explain } from './exit-codes.ts';
import { doctorHelp, evaluateHelp, trainHelp } from './help-text.ts';
import { version } from './version.ts';

const every = Object.keys(optionHelp) as OptionName[];

/** What the help gives as defaults: those of the preset that is used when nobody names one. */
const standard = { preset: 'fashion-mini', ...presets['fashion-mini'] };

/** Builds the commands; each loads its code when it runs, so that help and usage errors are instant. */
function commands(program: Command, finish: (code: number) => void): void {
  const train = quiet(withOptions(program.command('train').description('train a WideResNet with SAM'), every, standard))
    .option('--config <file>', 'a YAML or JSON file of options')
    .addHelpText('after', trainHelp)
    .action(async ({ config }: { readonly config?: string }) => {
      const file =
        config === undefined
          ? undefined
          : { values: await readConfigFile(config), nameOf: (name: string) => `${name} in ${config}` };
      const line = typed(train);
      const options = resolveOptions(line, file);
      const { trainCommand } = await import('./train.ts');
      const named = line.values.preset ?? file?.values.preset;
      if (named !== undefined) return finish(await trainCommand(options));
      const { standardPreset } = await import('../run/device.ts');
      finish(await trainCommand(resolveOptions(line, file, await standardPreset(options.backend))));
    });
  const evaluate = quiet(
    withOptions(program.command('evaluate').description('measure the test error of a trained run'), [
      'backend',
      'data',
      'download',
      'json',
    ]),
  )
    .argument('<run>', "the run's folder")
    .addHelpText('after', evaluateHelp)
    .action(async (run: string) => {
      const options = resolveOptions(typed(evaluate));
      const { evaluateCommand } = await import('./evaluate.ts');
      finish(await evaluateCommand(run, options));
    });
  const doctor = quiet(
    withOptions(program.command('doctor').description('say which devices work, and how to get the others'), [
      'backend',
      'json',
    ]),
  )
    .option('--bench', 'time the gradient of a WRN-16-1 on each, about two seconds a device')
    .addHelpText('after', doctorHelp)
    .action(async ({ bench = false }: { readonly bench?: boolean }) => {
      const { backend, json } = resolveOptions(typed(doctor));
      const { doctorCommand } = await import('./doctor.ts');
      finish(await doctorCommand({ backend, bench, json }));
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
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCode.ok;
    if (error instanceof CommanderError && error.code === 'commander.help') return exitCode.usage;
    const { code: failure, text } = explain(error instanceof CommanderError ? usageError(error) : error);
    process.stderr.write(`steppe: ${text}\n`);
    return failure;
  }
}
