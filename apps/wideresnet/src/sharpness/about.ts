import {
  type About,
  aboutLandscapes,
  aboutMeasures,
  aboutPaper,
  aboutRobustness,
  aboutSpectra,
} from '@steppe/sharpness';
import { type MeasureEntry, type MeasureName, measureTable } from './table.ts';

/** What is known of every measure of the package, by its function. */
const rows = new Map(
  [aboutMeasures, aboutSpectra, aboutPaper, aboutRobustness, aboutLandscapes]
    .flat()
    .map((row) => [row.name, row] as const),
);

/** What is known of a measure of the command line: help and docs say it in these words. */
export function aboutOf(name: MeasureName): About {
  const { of }: MeasureEntry = measureTable[name];
  const row = rows.get(of);
  if (row === undefined) throw new Error(`@steppe/sharpness says nothing of ${of}.`);
  return row;
}

/** What a measure is, in a sentence, and what it is taken with; a star where it is taken without being asked for. */
export function sentenceOf(name: MeasureName): string {
  const { how, usual }: MeasureEntry = measureTable[name];
  return `${usual ? '* ' : ''}${aboutOf(name).sentence}${how === undefined ? '' : ` Here ${how}.`}`;
}
