import { checkNumber, checkOptions, type Rule, refusal, weight } from '@steppe/check';
import { bits, foldIn, type Key } from '@steppe/random';
import { type ByteAugmentation, type ByteImage, described } from '../image.ts';
import { place } from '../place.ts';
import { checkFill, type Fill, fillOf } from './fill.ts';
import { applyOperation, operations } from './operations.ts';
import { policies, type SubPolicy } from './policies.ts';

/** What AutoAugment and RandAugment may be told. */
export type FillOptions = {
  /**
   * The byte, or one for each channel, where a turned or shifted image shows nothing: 0 as in torchvision, 128 as in
   * the code of the SAM paper.
   * @defaultValue 0
   */
  readonly fill?: number | readonly number[];
};

/** What is drawn for one step of a sub-policy. */
export type StepDraw = {
  /** Uniform in [0, 1): the step is taken where it is below its probability. */
  readonly u: number;
  readonly negate: boolean;
};

/** How many levels of strength a policy has, from 0 to 9. */
const LEVELS = 10;

const level: Rule = ['a whole number from 0 to 9', (x) => Number.isInteger(x) && x >= 0 && x < LEVELS];

/** Refuses what is no list of sub-policies. */
function checkPolicy(given: unknown): void {
  if (!Array.isArray(given) || given.length === 0 || !given.every((sub) => Array.isArray(sub)))
    throw refusal('policy', `${Object.keys(policies).join(', ')}, or a list of sub-policies`, given);
  for (const [name, probability, strength] of given.flat()) {
    if (!Object.hasOwn(operations, name)) throw refusal('An operation', Object.keys(operations).join(', '), name);
    checkNumber('A probability', probability, weight);
    checkNumber('A level', strength, level);
  }
}

/** Takes the steps of a sub-policy, of which the draws say whether and to which side. */
export function applySubPolicy(
  steps: SubPolicy,
  image: ByteImage,
  draws: readonly StepDraw[],
  { fill, key }: { readonly fill: Fill; readonly key: Key },
): ByteImage {
  let current = image;
  for (const [i, [name, probability, strength]] of steps.entries()) {
    const { u, negate } = draws[i] as StepDraw;
    if (u < probability)
      current = applyOperation(name, current, [strength, LEVELS], { negate, fill, key: foldIn(key, i) });
  }
  return current;
}

/**
 * Makes AutoAugment: a random sub-policy of a policy that was searched for the data, which does two operations, each
 * with its probability and strength.
 *
 * Operations and levels are those of torchvision on PIL images, bit for bit: the nearest pixel, `fill` where there is
 * none. The image has 1 or 3 channels. It comes before flip, crop and cutout: give it to `batches` as `augmentBytes`.
 *
 * @param policy - `'cifar10'` (for CIFAR-100 too), `'svhn'`, `'imagenet'`, or sub-policies of your own: lists of
 * `[operation, probability, level]` with levels from 0 to 9.
 * @throws When the policy, an operation, a probability, a level or an option is none; on use, when an image has other
 * than 1 or 3 channels.
 * @see Cubuk et al., AutoAugment: Learning augmentation strategies from data (CVPR 2019, arXiv 1805.09501), tables 7 to
 * 9; torchvision.transforms.AutoAugment. The code of the SAM paper draws from 95 sub-policies for CIFAR, not from the
 * 25 of the paper.
 *
 * @example
 * ```ts
 * import { autoAugment } from '@steppe/datasets';
 * import { key } from '@steppe/random';
 *
 * const image = { pixels: new Uint8Array(32 * 32 * 3).fill(100), shape: [32, 32, 3] } as const;
 * console.log(autoAugment('cifar10')(key(0), image).shape); // => [ 32, 32, 3 ]
 * const half = autoAugment([[['invert', 0.5, 0]]]);
 * console.log(new Set([0, 1, 2, 3].map((i) => half(key(i), image).pixels[0]))); // => Set(2) { 100, 155 }
 * ```
 */
export function autoAugment(
  policy: keyof typeof policies | readonly SubPolicy[],
  options: FillOptions = {},
): ByteAugmentation {
  const named: readonly SubPolicy[] | undefined =
    typeof policy === 'string' && Object.hasOwn(policies, policy) ? policies[policy] : undefined;
  if (named === undefined) checkPolicy(policy);
  checkOptions('autoAugment', options, { fill: checkFill });
  const subPolicies = named ?? (policy as readonly SubPolicy[]);
  const { fill = 0 } = options;
  return described('autoAugment', [policy, options], (key: Key, image: ByteImage) => {
    const steps = subPolicies[place(bits(key, 1)[0], subPolicies.length)] as SubPolicy;
    const words = bits(foldIn(key, 0), 2 * steps.length);
    const draws = steps.map((_, i) => ({
      u: (words[2 * i] as number) * 2 ** -32,
      negate: ((words[2 * i + 1] as number) & 1) === 1,
    }));
    return applySubPolicy(steps, image, draws, { fill: fillOf(fill, image), key: foldIn(key, 1) });
  });
}
