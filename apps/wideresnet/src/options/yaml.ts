import { readRegular } from '@steppe/files';
import { parseDocument } from 'yaml';
import { CommandError } from '../commands/exit-codes.ts';

/** A file of a few dozen options has no use for more, and a parser none for a hundred megabytes. */
const maxBytes = 65_536;

/**
 * Reads a small text file.
 *
 * @param option - Who named it, such as `--config`.
 * @throws When it is missing, a FIFO, folder or device, too large or not UTF-8.
 */
export async function readText(file: string, option: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readRegular(file, { maxBytes }));
  } catch (cause) {
    if (cause instanceof TypeError)
      throw new CommandError(`${option} ${file} is not UTF-8 text.`, undefined, { cause });
    throw new CommandError(`${option} ${(cause as Error).message}`, undefined, { cause });
  }
}

/** A key that is a list is refused as no option; the parser's own warning of it would be a second line. */
const yaml = { uniqueKeys: true, strict: true, prettyErrors: true, logLevel: 'error' } as const;

/** Refuses what holds itself, which nothing could print. */
function checkEnds(content: unknown, around: readonly unknown[] = []): void {
  if (typeof content !== 'object' || content === null) return;
  if (around.includes(content)) throw new Error('an alias stands within its own anchor.');
  for (const value of Object.values(content)) checkEnds(value, [...around, content]);
}

/**
 * Reads YAML, and JSON as the YAML that it is: JSON.parse would take the last of two equal keys without a word.
 *
 * @param what - What the message calls the text.
 * @throws When it is none, has a key twice or aliases without end, in one line.
 */
export function parseYaml(text: string, what: string): unknown {
  try {
    const document = parseDocument(text, { ...yaml });
    const [problem] = [...document.errors, ...document.warnings];
    if (problem?.code === 'MULTIPLE_DOCS')
      throw new Error('it holds several documents: leave one, without "---" in between.');
    if (problem !== undefined) throw problem;
    const content = document.toJS({ maxAliasCount: 20 });
    checkEnds(content);
    return content;
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n');
    throw new CommandError(`${what} is not valid YAML or JSON: ${reason}`, undefined, { cause });
  }
}
