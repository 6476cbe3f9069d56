import { existsSync } from 'node:fs';
import { type AnySplit, contactSheet, describeSplit } from '@steppe/datasets';
import { type Duplicate, duplicates, encodePng } from '@steppe/datasets/node';
import { printable, writeAtomically } from '@steppe/files';
import { printJson } from '@steppe/tree';
import type { Options } from '../options/table.ts';
import { aligned } from '../report/comparison.ts';
import { grouped, plural } from '../report/format.ts';
import { print } from '../report/print.ts';
import { loadData } from '../run/data.ts';
import { namedFault } from '../run/image-faults.ts';
import { CommandError, exitCode } from './exit-codes.ts';

/** What is known of the duplicates of a dataset. */
const counted = (pairs: readonly Duplicate[]) => ({
  pairs: pairs.length,
  /** One of the two labels is wrong. */
  ofOtherLabels: pairs.filter(({ sameLabel }) => !sameLabel).length,
});

const rounded = (values: readonly number[]): string => values.map((value) => value.toFixed(4)).join(', ');

const duplicateText = ({ pairs, ofOtherLabels }: ReturnType<typeof counted>): string =>
  pairs === 0
    ? 'none'
    : `${plural(pairs, 'pair')}${ofOtherLabels === 0 ? '' : `, ${ofOtherLabels} of them of two labels`}`;

const rethrow = (error: unknown): never => {
  throw namedFault(error);
};

/** The number of `--near`. */
function digitsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text) || Number(text) > 16)
    throw new CommandError(`--near must be a whole number from 0 to 16, got ${printable(text)}.`);
  return Number(text);
}

/** The most classes that are counted one by one on a screen. */
const mostClasses = 40;

/**
 * Runs `steppe data`: how many images of which classes a dataset has, their mean and deviation, images that are there
 * twice, and a picture of some.
 *
 * @param asked - Where that picture goes, and how many digits of 64 differ in pictures that are almost the same;
 * neither is done where nobody says.
 */
export async function dataCommand(
  options: Options,
  asked: { readonly sheet: string | undefined; readonly near: string | undefined },
): Promise<number> {
  const { json } = options;
  const { sheet } = asked;
  const near = digitsOf(asked.near);
  if (sheet !== undefined && existsSync(sheet))
    throw new CommandError(`--sheet must be a file that is new, got ${sheet}.`);
  const say = (...lines: readonly string[]): void => print(json ? process.stderr : process.stdout, ...lines);
  const { dataset, sha256 } = await loadData(options, say);
  const { name, source, classes, shape, train, test } = dataset;
  const splits: { readonly [split: string]: AnySplit } = { train, test };
  const numbers = Object.fromEntries(
    await Promise.all(
      Object.entries(splits).map(
        async ([split, images]) => [split, await describeSplit(images, classes.length).catch(rethrow)] as const,
      ),
    ),
  );
  const twice = { train: counted(await duplicates(train)), trainAndTest: counted(await duplicates(train, test)) };
  const alike = near !== undefined && {
    train: counted(await duplicates(train, train, { near })),
    trainAndTest: counted(await duplicates(train, test, { near })),
  };
  if (sheet !== undefined) await writeAtomically(sheet, await encodePng(await contactSheet(train).catch(rethrow)));
  if (json) {
    const about = {
      name,
      source,
      classes,
      shape,
      sha256,
      splits: numbers,
      duplicates: twice,
      ...(alike && { near: { digits: near, ...alike } }),
    };
    print(
      process.stdout,
      printJson({ schema: 'steppe.events/1', event: 'data', ...about, ...(sheet !== undefined && { sheet }) }),
    );
    return exitCode.ok;
  }
  say(
    printable(`${name}, from ${source}`),
    `Images of ${shape.join(' × ')}, classes: ${grouped(classes.length)}; SHA-256 ${sha256}`,
    '',
  );
  for (const [split, { count, mean, std }] of Object.entries(numbers))
    say(
      `${split.padEnd(6)}${grouped(count)} images; mean ${rounded(mean)}, deviation ${rounded(std)} of bytes as 0 to 1`,
    );
  const rows = classes
    .slice(0, mostClasses)
    .map((text, i) => [printable(text), ...Object.values(numbers).map(({ counts }) => grouped(counts[i] ?? 0))]);
  say('', ...aligned({ head: ['class', ...Object.keys(numbers)], rows }));
  if (classes.length > mostClasses) say(`... and ${classes.length - mostClasses} more: --json has all`);
  say(
    '',
    `Twice in train: ${duplicateText(twice.train)}`,
    `In train and in test: ${duplicateText(twice.trainAndTest)}`,
  );
  if (alike)
    say(
      `Almost the same (${near} digits of 64 differ at most), those above among them: in train ${duplicateText(alike.train)}, in train and in test ${duplicateText(alike.trainAndTest)}`,
    );
  if (sheet !== undefined) say(`Some of each class: ${sheet}`);
  return exitCode.ok;
}
