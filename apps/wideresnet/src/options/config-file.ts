import { isRecord } from '../chain/written.ts';
import { CommandError } from '../commands/exit-codes.ts';
import type { FileSource } from './resolve.ts';
import { parseYaml, readText } from './yaml.ts';

/** What the `config.json` of a run says that it is. */
export const configSchema = 'steppe.config/1';

/** What a config file holds: options, yet unchecked, and of which run they are. */
export type ConfigFile = Pick<FileSource, 'values' | 'run'>;

/** The SHA-256 of the images of a run, where it says one. */
function hashIn(content: Readonly<Record<string, unknown>>): string | undefined {
  const { dataset } = content;
  return isRecord(dataset) && typeof dataset.sha256 === 'string' ? dataset.sha256 : undefined;
}

/**
 * Reads the options of a YAML or JSON file, yet unchecked; an empty file has none.
 *
 * The `config.json` of a run's folder is such a file too, with the options in its `options`: it repeats the run on the
 * same images.
 *
 * @throws When the file is missing, a FIFO, folder or device, too large, not UTF-8, not YAML, has a key twice or
 * aliases without end.
 */
export async function readConfigFile(file: string): Promise<ConfigFile> {
  const content = parseYaml(await readText(file, '--config'), `--config ${file}`) ?? {};
  if (!isRecord(content)) throw new CommandError(`--config ${file} must hold options as "name: value" lines.`);
  const { schema } = content;
  if (schema === undefined) return { values: content };
  if (schema !== configSchema)
    throw new CommandError(
      `--config ${file} is of another version: its schema must be ${configSchema}, got ${JSON.stringify(schema)}. Copy its options into a file of their own.`,
    );
  if (!isRecord(content.options))
    throw new CommandError(`--config ${file} says that it is of a run and has no options: give the whole file.`);
  const sha256 = hashIn(content);
  return { values: content.options, run: sha256 === undefined ? {} : { sha256 } };
}
