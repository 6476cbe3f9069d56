import { withChainText } from '../chain/text.ts';
import type { Source } from '../options/check.ts';
import { readConfigFile } from '../options/config-file.ts';
import { type PresetName, presetOptions, standardOfFiles, standards } from '../options/presets/presets.ts';
import { type FileSource, type Resolved, resolveOptions } from '../options/resolve.ts';
import { optionNames } from '../options/schema.ts';
import { widthOf } from '../report/layout.ts';
import { type Command, quiet, typed, withOptions } from './command-line.ts';
import { CommandError } from './exit-codes.ts';
import { trainHelp } from './help-text.ts';
import { resumedOptions, runToResume } from './resume.ts';

/** What the help gives as defaults: those of the preset that is used when nobody names one. */
const standard = { preset: standards[0], ...presetOptions(standards[0]) };

/** What a config file says. */
async function fileSource(file: string): Promise<FileSource> {
  return { ...(await readConfigFile(file)), nameOf: (name) => `${name} in ${file}` };
}

/** What `f` gives for the first of some candidates that it takes; else it throws what it threw for the first one. */
function firstOf<T, Result>([first, ...others]: readonly [T, ...T[]], f: (candidate: T) => Result): Result {
  try {
    return f(first);
  } catch (error) {
    for (const candidate of others)
      try {
        return f(candidate);
      } catch {}
    throw error;
  }
}

/** Refuses a chain that cannot be built before any work starts. */
async function withCheckedChain(resolved: Resolved): Promise<Resolved> {
  if (resolved.options.chain !== undefined) {
    const { checkChain } = await import('../run/optimizer.ts');
    checkChain(resolved.options);
  }
  return resolved;
}

/** What the command line says, with the folder of images that is its first word. */
function withImages(said: Source, images: string | undefined): Source {
  if (images === undefined) return said;
  if (said.values.images !== undefined)
    throw new CommandError(`${images} and --images both name a folder of images: leave one of them out.`);
  return { ...said, values: { ...said.values, images } };
}

/** Chooses the preset that suits the device, which is started for it. */
async function presetOfDevice({ options }: Resolved): Promise<PresetName> {
  // A rank takes its part of the machine before it starts a device there.
  const { joinWorkers } = await import('../workers/join.ts');
  joinWorkers(options);
  const { standardPreset } = await import('../run/device.ts');
  return standardPreset(options.backend);
}

/** Settles the options of `steppe train`: who names no preset gets the one that `choose` gives. */
async function trainOptions(
  line: Source,
  file: FileSource | undefined,
  choose: (any: Resolved) => Promise<PresetName> | undefined,
): Promise<Resolved> {
  if (file?.run !== undefined || (line.values.preset ?? file?.values.preset) !== undefined)
    return withCheckedChain(resolveOptions(line, file));
  if ((line.values.images ?? file?.values.images) !== undefined)
    return withCheckedChain(resolveOptions(line, file, standardOfFiles));
  // What no device's preset allows is refused before any device is started.
  const any = await withCheckedChain(firstOf(standards, (standard) => resolveOptions(line, file, standard)));
  const preset = await choose(any);
  return preset === undefined ? any : resolveOptions(line, file, preset);
}

/** What `steppe train` is asked for: the options, and whether a run goes on. */
export type TrainRequest = { readonly resolved: Resolved; readonly resumes: boolean };

/** The words of `steppe train` that are no options of a run. */
type Said = { readonly config?: string; readonly resume?: string };

/** Settles what `steppe train` is asked for. */
async function trainRequest(
  line: Source,
  { config, resume }: Said,
  choose: (any: Resolved) => Promise<PresetName> | undefined,
): Promise<TrainRequest> {
  const asNew = async (source: Source): Promise<Resolved> =>
    trainOptions(source, config === undefined ? undefined : await fileSource(config), choose);
  const run = resume === undefined ? undefined : await runToResume(resume, line);
  if (run === undefined) return { resolved: await asNew(line), resumes: false };
  return { resolved: await resumedOptions(run, line, config, { asNew, sourceOf: fileSource }), resumes: true };
}

/**
 * Adds `steppe train` to the commands.
 *
 * @param run - Gets what is asked for.
 * @param choose - Chooses a preset where none is named; one that suits any device where this gives none.
 */
export function addTrain(
  program: Command,
  run: (request: TrainRequest) => Promise<void>,
  choose: (any: Resolved) => Promise<PresetName> | undefined = presetOfDevice,
): void {
  const train = quiet(
    withOptions(program.command('train').description('Trains a network with SAM.'), optionNames, standard),
  )
    .argument('[images]', 'a folder of images to train on, as --images names one')
    .option('--config <file>', 'a YAML or JSON file of options')
    .option('--resume <run>', 'go on with the run in this folder; auto: in that of --out, or begin there')
    .addHelpText('after', () => trainHelp(widthOf(process.stdout)))
    .action(async (images: string | undefined, said: Said) => {
      const line = withImages(await withChainText(typed(train)), images);
      await run(await trainRequest(line, said, choose));
    });
}
