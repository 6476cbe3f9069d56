import { printJson } from '@steppe/tree';
import { checkWhole } from '../options/check.ts';
import type { Options } from '../options/table.ts';
import { configFile, readFacts } from '../run/resume/saved.ts';
import { shownPath } from '../run/run-folder.ts';

/** The options that a config file says otherwise than the weights beside it, by name. */
async function changes(folder: string, options: Options): Promise<readonly string[]> {
  const facts = await readFacts(folder);
  if (facts === undefined) return [];
  const said: { readonly [name: string]: unknown } = checkWhole({ values: facts.options, nameOf: (name) => name });
  const ours: { readonly [name: string]: unknown } = options;
  return [...new Set([...Object.keys(said), ...Object.keys(ours)])].filter(
    (name) => printJson(said[name] ?? null) !== printJson(ours[name] ?? null),
  );
}

/**
 * Tells when the `config.json` of a run is not what its weights were trained with: what is measured goes by the weights,
 * which know their options themselves, and an edited file would be ignored in silence.
 */
export async function tellChanges(folder: string, options: Options, note: (text: string) => void): Promise<void> {
  const file = `${shownPath(folder)}/${configFile}`;
  try {
    const odd = await changes(folder, options);
    if (odd.length > 0)
      note(
        `note: ${file} differs from what the weights beside it were trained with, in ${odd.join(', ')}: the weights count.`,
      );
  } catch {
    note(`note: ${file} is not as steppe train left it: the weights beside it say what they were trained with.`);
  }
}
