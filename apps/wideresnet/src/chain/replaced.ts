import type { Options } from '../options/table.ts';
import type { WrittenChain } from './written.ts';

/** What the options are worth that a chain replaces: plain descent, of which nothing is ever made. */
export const replacedByChain = {
  rho: 0,
  p: 2,
  optimizer: 'sgd',
  lr: 1,
  momentum: 0,
  'weight-decay': 0,
  clip: 0,
  schedule: 'constant',
  average: 'none',
  'decay-spares': 'none',
} as const satisfies Partial<Options>;

/** The options among them that a run may do without. */
const spared = ['m', 'sam-tail', 'tuned-decay', 'power', 'cooldown', 'warmup', 'accumulate'] as const;

type Spared = (typeof spared)[number];
type Replaced = keyof typeof replacedByChain;

/** The options that say nothing beside a chain. */
export const chainReplaces: readonly (Replaced | Spared)[] = [
  ...(Object.keys(replacedByChain) as Replaced[]),
  ...spared,
];

/** The most examples of which a gradient is computed at once, where every evaluation goes through slices. */
function sliceOf(chain: WrittenChain): number | undefined {
  const sizes = chain.flatMap(({ microBatch }) => (typeof microBatch?.m === 'number' ? [microBatch.m] : []));
  return sizes.length === 0 ? undefined : Math.min(...sizes);
}

/** The options of a run with nothing beside its chain that the chain replaces; its slices are said by `m`. */
export function withChain(options: Options): Options {
  const { chain } = options;
  if (chain === undefined) return options;
  const m = sliceOf(chain);
  return { ...withoutReplaced(options), ...replacedByChain, ...(m !== undefined && { m }) };
}

/** What of the options a run writes down: not what its chain replaces. */
export function withoutReplaced<Some extends Partial<Options>>(
  options: Some,
): Omit<Some, (typeof chainReplaces)[number]> & Partial<Some> {
  const replaced: ReadonlySet<string> = new Set(options.chain === undefined ? [] : chainReplaces);
  return Object.fromEntries(Object.entries(options).filter(([name]) => !replaced.has(name))) as Some;
}
