import { withChain } from '../chain/replaced.ts';
import { CommandError } from '../commands/exit-codes.ts';
import { check, checkWhole, type Source } from './check.ts';
import { optimizers } from './optimizers.ts';
import { type OwnSaid, settleOwn, withoutForeign } from './own-said.ts';
import { type PresetName, presetOf, presetOptions } from './presets/presets.ts';
import { refusal } from './refusal.ts';
import { idle, misfits } from './rules.ts';
import { type OptionName, optionNames, optionOf, type Settings } from './schema.ts';
import type { Options } from './table.ts';

export type { Source } from './check.ts';

/** A file of options: those of a run stand in a preset's place. */
export type FileSource = Source & {
  readonly run?: {
    /** Of the images that the run saw. */
    readonly sha256?: string;
  };
};

/** What a run shall do, and what must be told of how that came about. */
export type Resolved = {
  readonly options: Options;
  readonly notes: readonly string[];
  /** Where p was changed and rho was not: the radius and the norm that it stands for. */
  readonly radiusOf?: Pick<Options, 'rho' | 'p'>;
  /** The preset that is for images of the user's, where none were named. */
  readonly imagesOf?: PresetName;
  /** The preset whose labels a run predicts, where none was named, and of which preset that run is. */
  readonly runOf?: readonly [preset: PresetName, of: string];
  /** What the images must hash to, where a run is repeated on the same ones. */
  readonly sha256?: string;
};

/** What was said, by whom: a source that comes later overrules one that comes before it. */
type Said = { readonly source: Source; readonly settings: Settings };

/** A run is as long as its epochs or its steps: who says one of them means it, also where the other was said before. */
function withLength(before: Options, { source, settings }: Said): Options {
  if (settings.epochs !== undefined && settings.steps !== undefined)
    throw new CommandError(
      `${source.nameOf('epochs')} and ${source.nameOf('steps')} both say how long to train: leave one of them out.`,
    );
  const { epochs, steps, ...others } = before;
  const { preset: _, ...said } = settings;
  const isSaid = said.epochs !== undefined || said.steps !== undefined;
  const length = isSaid ? {} : { ...(epochs !== undefined && { epochs }), ...(steps !== undefined && { steps }) };
  return { ...others, ...length, ...said };
}

/** A check of a few batches is no whole run, unless its length is said. */
const stepsOfOverfit = 100;

function withLengthOfOverfit(options: Options, all: readonly Said[]): Options {
  const says = (name: OptionName): boolean => all.some(({ settings }) => settings[name] !== undefined);
  if (!says('overfit') || says('epochs') || says('steps')) return options;
  const { epochs: _, ...others } = options;
  return { ...others, steps: stepsOfOverfit };
}

/** Applies the rules on pairs of options: what contradicts is refused, what was overruled is told. */
function settle(
  { options, replaced }: OwnSaid,
  all: readonly Said[],
  base: string,
): Pick<Resolved, 'options' | 'notes'> {
  const rank = (name: OptionName): number => all.findLastIndex(({ settings }) => settings[name] !== undefined);
  /** An option as whoever said it would write it, with a value or without. */
  const nameOf = (name: OptionName, text: string = name): string =>
    all[rank(name)]?.source.nameOf(text) ?? `${text} of ${base}`;
  const notes = replaced.map(
    ([i, option]) =>
      `${all[i]?.source.nameOf(option)} has no effect with ${nameOf('network', `network ${options.network}`)}.`,
  );
  let compare = options.compare;
  for (const { option, because, instead, applies } of idle) {
    if (!applies(options)) continue;
    const isBare = options[because] === true || typeof options[because] === 'object';
    const said = isBare ? because : `${because} ${options[because]}`;
    const text = `${nameOf(option)} has no effect with ${nameOf(because, said)}`;
    // Whoever changes a file or a preset by a later word means the later word.
    const isOverruled = rank(option) < rank(because);
    if (rank(option) >= 0 && !isOverruled)
      throw new CommandError(`${text}${instead === undefined ? '' : ` (${instead})`}: leave one of them out.`);
    if (rank(option) >= 0 || option === 'compare') notes.push(`${text}.`);
    if (option === 'compare') compare = 'none';
  }
  const { rival } = optimizers[options.optimizer];
  if (compare !== 'none' && compare !== rival && rank('compare') < rank('optimizer')) {
    notes.push(`${nameOf('compare')} has no effect with ${nameOf('optimizer', `optimizer ${options.optimizer}`)}.`);
    compare = 'none';
  }
  const settled = { ...withoutForeign(options), compare };
  for (const { option, expects } of misfits) {
    const allowed = expects(settled);
    if (allowed !== undefined) throw refusal(nameOf(option), allowed, settled[option]);
  }
  return { options: withChain(settled), notes };
}

const unseen = 'the file of --config does not say which images its run saw, so they are not compared.';

const decidesData = (settings: Settings): boolean =>
  optionNames.some((name) => optionOf(name).decidesData && settings[name] !== undefined);

/**
 * Settles the options of a run: the preset, changed by the config file, changed by the command line.
 *
 * @param standard - The preset that is used when nobody names one.
 * @throws When a value is not allowed or two options contradict each other, naming the option, the value and what is
 * allowed.
 */
export function resolveOptions(
  commandLine: Source,
  configFile?: FileSource,
  standard: PresetName = 'fashion-mini',
): Resolved {
  const line: Said = { source: commandLine, settings: check(commandLine) };
  const file: Said | undefined = configFile && { source: configFile, settings: check(configFile) };
  const repeated = configFile?.run && checkWhole(configFile);
  if (repeated && line.settings.preset !== undefined)
    throw new CommandError(
      `${commandLine.nameOf('preset')} and the run of --config both say where all options start: leave one of them out.`,
    );
  const preset = line.settings.preset ?? file?.settings.preset ?? standard;
  const base = repeated ?? presetOptions(preset);
  const all = file === undefined || repeated ? [line] : [file, line];
  const said = withLengthOfOverfit(all.reduce(withLength, base), all);
  const settled = settle(
    settleOwn(
      base,
      said,
      all.map(({ settings }) => settings),
    ),
    all,
    repeated ? 'the run of --config' : preset,
  );
  const { options } = settled;
  const says = (name: OptionName): boolean => all.some(({ settings }) => settings[name] !== undefined);
  const radiusOf =
    options.chain === undefined && says('p') && !says('rho') && options.p !== base.p
      ? { rho: base.rho, p: base.p }
      : undefined;
  const sha256 = decidesData(line.settings) ? undefined : configFile?.run?.sha256;
  // Without a word a run would be called repeated that may see other images.
  const unknown = repeated !== undefined && configFile?.run?.sha256 === undefined && !decidesData(line.settings);
  const notes = unknown ? [...settled.notes, unseen] : settled.notes;
  const isNamed = repeated !== undefined || says('images') || says('dataset');
  const imagesOf = !isNamed && presetOf(preset).wantsImages ? preset : undefined;
  const { wantsRunOf } = presetOf(preset);
  const isWanting = repeated === undefined && options.relabel === undefined && wantsRunOf !== undefined;
  return {
    options,
    notes,
    ...(imagesOf && { imagesOf }),
    ...(isWanting && { runOf: [preset, wantsRunOf] as const }),
    ...(radiusOf && { radiusOf }),
    ...(sha256 !== undefined && { sha256 }),
  };
}
