import { namesOf } from '../../src/options/option.ts';
import { wrapped } from '../../src/report/layout.ts';
import { aboutOf } from '../../src/sharpness/about.ts';
import { type MeasureEntry, type MeasureName, measureTable } from '../../src/sharpness/table.ts';
import { fieldTables } from './result-fields.ts';

const lines = (text: string): string => wrapped(text, 118).join('\n');
const item = (text: string): string => wrapped(`- ${text}`, 116).join('\n  ');

function section(name: MeasureName): string {
  const { of, how, cost: here, title, usual }: MeasureEntry = measureTable[name];
  const { sentence, formula, invariant, cost, silent } = aboutOf(name);
  return `### \`${name}\`: ${title}

${lines(`${sentence}${how === undefined ? '' : ` Here ${how}.`}${usual ? '' : ' Only where `--measures` names it.'}`)}

${[
  item(`formula: \`${formula}\``),
  item(
    `by \`${of}\` of \`@steppe/sharpness\`, in passes over the images: ${here === undefined ? cost : `${here}; by itself ${cost}`}`,
  ),
  item(`invariance: ${invariant}`),
  item(`does not tell: ${silent}`),
].join('\n')}`;
}

/** `docs/sharpness.md`, of the tables that the command line is made of and the words that stand around them. */
export const sharpnessPage = (words: string): string =>
  words.replace(
    /(<!-- (measures|fields) -->)[\s\S]*?(<!-- \/\2 -->)/g,
    (_, begin: string, part: string, end: string) =>
      `${begin}\n\n${part === 'fields' ? fieldTables() : namesOf(measureTable).map(section).join('\n\n')}\n\n${end}`,
  );
