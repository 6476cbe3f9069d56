import { stringify } from 'yaml';
import type { Source } from '../options/check.ts';
import { parseYaml, readText } from '../options/yaml.ts';
import type { Written } from './written.ts';

/** Writes a chain, or a part of one, as the text that --chain takes: YAML on one line. */
export const printWritten = (written: Written): string =>
  stringify(written, { collectionStyle: 'flow', lineWidth: 0, aliasDuplicateObjects: false }).trimEnd();

/**
 * Reads the text of `--chain` on the command line, YAML or the file that `@` names, as the data that a config file holds.
 *
 * @throws When the text is no YAML, or the file cannot be read.
 */
export async function withChainText(line: Source): Promise<Source> {
  const { chain } = line.values;
  if (typeof chain !== 'string') return line;
  const name = line.nameOf('chain');
  const file = chain.startsWith('@') ? chain.slice(1) : undefined;
  const text = file === undefined ? chain : await readText(file, name);
  return { ...line, values: { ...line.values, chain: parseYaml(text, file === undefined ? name : `${name} ${file}`) } };
}
