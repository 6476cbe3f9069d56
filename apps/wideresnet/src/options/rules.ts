import { shippedDataset } from '@steppe/datasets/node';
import { chainReplaces } from '../chain/replaced.ts';
import { lastName } from '../chain/written.ts';
import { areFiles, isFileDataset } from './file-datasets.ts';
import { entryOf, ownNames, takersOf, takes } from './networks/own.ts';
import { type OptimizerEntry, optimizers } from './optimizers.ts';
import { namesOf } from './option.ts';
import { type ScheduleEntry, schedules } from './schedules.ts';
import type { OptionName } from './schema.ts';
import type { Options } from './table.ts';

/** An option that another one leaves without an effect. */
export type Idle = {
  readonly option: keyof Options & OptionName;
  readonly because: keyof Options & OptionName;
  /** Beside what it would have one, where that helps. */
  readonly instead?: string;
  readonly applies: (options: Options) => boolean;
};

type Choice = { readonly takes: readonly (keyof Options & OptionName)[] };

/** The options that some entries of a table take and others do not, each idle where the entry that was chosen does not
 * take it. */
function ofTable<Name extends string>(
  table: { readonly [name in Name]: Choice },
  because: Idle['because'],
  chosen: (options: Options) => Name,
): readonly Idle[] {
  const options = new Set(namesOf(table).flatMap((name) => table[name as Name].takes));
  return [...options].map((option) => ({
    option,
    because,
    applies: (all) => !table[chosen(all)].takes.includes(option),
  }));
}

const optimizerTable: { readonly [name in Options['optimizer']]: OptimizerEntry } = optimizers;

const scheduleTable: { readonly [name in Options['schedule']]: ScheduleEntry } = schedules;

const inWords = (names: readonly string[]): string => names.join(', ').replace(/, ([^,]*)$/, ' and $1');

const isOn = (toggle: boolean | undefined): boolean => toggle === true;

const withoutSam = ({ rho }: Options): boolean => rho === 0;

/** Comes with this app: nothing is fetched for it and no folder holds it. */
const isShipped = ({ dataset, images }: Options): boolean => images === undefined && dataset === shippedDataset;

const hasImages = ({ images }: Options): boolean => images !== undefined;

/** Every pair of options of which one says nothing beside the other. */
export const idle: readonly Idle[] = [
  ...chainReplaces.map((option): Idle => ({ option, because: 'chain', applies: ({ chain }) => chain !== undefined })),
  { option: 'compare', because: 'chain', applies: ({ chain, compare }) => chain !== undefined && compare !== 'none' },
  { option: 'p', because: 'rho', applies: withoutSam },
  { option: 'm', because: 'rho', applies: withoutSam },
  { option: 'sam-tail', because: 'rho', applies: withoutSam },
  { option: 'compare', because: 'rho', applies: (all) => withoutSam(all) && all.compare !== 'none' },
  { option: 'compare', because: 'overfit', applies: (all) => all.overfit !== undefined && all.compare !== 'none' },
  { option: 'profile', because: 'dry-run', applies: (all) => isOn(all.profile) && isOn(all['dry-run']) },
  { option: 'watch', because: 'dry-run', applies: (all) => isOn(all.watch) && isOn(all['dry-run']) },
  {
    option: 'sync-batch-norm',
    because: 'freeze-statistics',
    applies: (all) => isOn(all['sync-batch-norm']) && isOn(all['freeze-statistics']),
  },
  {
    option: 'reestimate-statistics',
    because: 'freeze-statistics',
    applies: (all) => isOn(all['reestimate-statistics']) && isOn(all['freeze-statistics']),
  },
  { option: 'quiet', because: 'json', applies: (all) => isOn(all.quiet) && all.json },
  // A run that may end early has no rival of equal cost.
  {
    option: 'compare',
    because: 'patience',
    applies: (all) => all.patience !== undefined && all.compare !== 'none',
  },
  {
    option: 'tuned-decay',
    because: 'compare',
    applies: (all) => all.compare === 'none' && all['tuned-decay'] !== undefined,
  },
  {
    option: 'decay-spares',
    because: 'weight-decay',
    applies: (all) => all['weight-decay'] === 0 && all['decay-spares'] !== 'none',
  },
  {
    option: 'cutmix',
    because: 'mixup',
    applies: (all) => all.mixup !== undefined && all.cutmix !== undefined,
  },
  { option: 'dataset', because: 'images', applies: hasImages },
  { option: 'download', because: 'images', applies: hasImages },
  { option: 'data', because: 'images', applies: hasImages },
  { option: 'download', because: 'dataset', applies: ({ dataset }) => isFileDataset(dataset) },
  { option: 'labels', because: 'dataset', applies: (all) => all.labels !== undefined && isFileDataset(all.dataset) },
  {
    option: 'label-noise-kind',
    because: 'label-noise',
    applies: (all) => all['label-noise'] === 0 && all['label-noise-kind'] !== undefined,
  },
  ...(['labels', 'broken', 'workers'] as const).map(
    (option): Idle => ({
      option,
      because: 'dataset',
      instead: '--images names files',
      applies: (all) => all[option] !== undefined && !areFiles(all),
    }),
  ),
  { option: 'download', because: 'dataset', applies: isShipped },
  { option: 'data', because: 'dataset', applies: isShipped },
  ...ofTable(scheduleTable, 'schedule', ({ schedule }) => schedule),
  ...ofTable(optimizerTable, 'optimizer', ({ optimizer }) => optimizer),
  ...ownNames.map(
    (option): Idle => ({
      option,
      because: 'network',
      instead: `${inWords(takersOf(option))} ${takersOf(option).length === 1 ? 'takes' : 'take'} it`,
      applies: (all) => all[option] !== undefined && !takes(all.network, option),
    }),
  ),
];

/** A value that another option does not allow. */
export type Misfit = {
  readonly option: keyof Options & OptionName;
  /** What the option must be, to end the sentence "--m must be ..."; nothing where it fits. */
  readonly expects: (options: Options) => string | undefined;
};

/** What a network allows for an option of its own. */
const ofNetwork = (option: (typeof ownNames)[number]): Misfit => ({
  option,
  expects(options) {
    const own = entryOf(options.network).options[option];
    const value = options[option];
    return own === undefined || value === undefined || own.kind.schema.safeParse(value).success
      ? undefined
      : own.kind.expects;
  },
});

/** Every option whose value must fit those of others. */
export const misfits: readonly Misfit[] = [
  ...ownNames.map(ofNetwork),
  {
    option: 'freeze',
    // Its average is of weights that it moves between two others, which would not stay quite the same.
    expects: ({ chain, freeze }) =>
      freeze !== undefined && chain !== undefined && lastName(chain) === 'scheduleFree'
        ? 'left out with a chain that ends with scheduleFree'
        : undefined,
  },
  {
    option: 'bootstrap-keep',
    expects: (all) =>
      all['bootstrap-keep'] !== undefined && all.bootstrap === undefined ? 'left out without --bootstrap' : undefined,
  },
  {
    option: 'label-smoothing',
    expects: (all) => (all.bootstrap !== undefined && all['label-smoothing'] > 0 ? '0 with --bootstrap' : undefined),
  },
  {
    option: 'patience',
    expects: ({ validation, patience }) =>
      validation === undefined && patience !== undefined ? 'left out without --validation' : undefined,
  },
  {
    option: 'm',
    expects: ({ m = 1, batch, chain }) =>
      chain === undefined && m > batch ? `at most the batch of ${batch} examples` : undefined,
  },
  {
    option: 'accumulate',
    expects: ({ accumulate = 1, batch, m = batch }) =>
      accumulate > m ? `at most ${m}, the images that share an ε̂` : undefined,
  },
  {
    option: 'compare',
    expects({ compare, optimizer }) {
      const { rival } = optimizerTable[optimizer];
      return compare === 'none' || compare === rival ? undefined : `none or ${rival} with --optimizer ${optimizer}`;
    },
  },
];
