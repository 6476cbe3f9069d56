import { readRegular } from '@steppe/files';
import { parseDocument } from 'yaml';
import { CommandError } from '../commands/exit-codes.ts';
import type { FileSource } from './resolve.ts';

/** What the `config.json` of a run says that it is. */
export const configSchema = 'steppe.config/1';

/** A file of a few dozen options has no use for more, and a parser none for a hundred megabytes. */
const maxBytes = 65_536;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

async function readText(file: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readRegular(file, { maxBytes }));
  } catch (cause) {
    if (cause instanceof TypeError) throw new CommandError(`--config ${file} is not UTF-8 text.`, undefined, { cause });
    throw new CommandError(`--config ${(cause as Error).message}`, undefined, { cause });
  }
}

/** A key that is a list is refused as no option; the parser's own warning of it would be a second line. */
const yaml = { uniqueKeys: true, strict: true, prettyErrors: true, logLevel: 'error' } as const;

/** JSON is read as the YAML that it is: JSON.parse would take the last of two equal keys without a word. */
function parse(text: string, file: string): unknown {
  try {
    const document = parseDocument(text, { ...yaml });
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined) throw problem;
    return document.toJS({ maxAliasCount: 20 });
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n');
    throw new CommandError(`--config ${file} is not valid YAML or JSON: ${reason}`, undefined, { cause });
  }
}

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
  const content = parse(await readText(file), file) ?? {};
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
