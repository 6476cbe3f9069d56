import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readWords } from '../../src/commands/launch.ts';
import { settleWorkers } from '../../src/workers/settle.ts';

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../../${path}`, import.meta.url)), 'utf8');

/** What `steppe train` makes of its words, as `steppe launch` reads them. */
async function optionsOf(words: readonly string[]) {
  const request = await readWords(words);
  if (request === undefined) throw new Error('The words ask for help.');
  return request.resolved.options;
}

/** The words of a shell line that has no quotes. */
const split = (line: string): readonly string[] => line.split(/\s+/).filter((word) => word !== '');

/** Every word of a manifest's lists, behind `steppe launch`. */
function launchIn(part: unknown): readonly string[] | undefined {
  if (typeof part !== 'object' || part === null) return undefined;
  const { command = [], args = [] } = part as {
    readonly command?: readonly string[];
    readonly args?: readonly string[];
  };
  const words = [...command, ...args];
  if (words.includes('launch')) return words;
  return Object.values(part)
    .map(launchIn)
    .find((found) => found !== undefined);
}

describe('what users are told to type is understood', () => {
  const page = read('docs/many-workers.md').replace(/\\\n\s+/g, '');
  const inPage = [...page.matchAll(/(?:^ {4}|`)(steppe launch .*?)(?:`|$)/gm)].map(([, line = '']) => line);
  const inHelp = [...read('apps/wideresnet/src/commands/launch-words.ts').matchAll(/'(steppe launch .*?)'/g)].map(
    ([, line = '']) => line,
  );
  const lines = [...inPage, ...inHelp].filter(
    (line) => / -- train /.test(line) && !/\.\.\.|--resume|--chain/.test(line),
  );

  test('by a page and the help', () => expect(lines.length).toBeGreaterThan(5));

  test.each(lines)('%s', async (line) => {
    const [launch = '', train = ''] = line.split(' -- ');
    const options = await optionsOf(split(train));
    const [, ranks = '32'] = /-n (\d+)/.exec(launch) ?? [];
    expect(() => settleWorkers(options, { size: Number(ranks) })).not.toThrow();
  });

  test('by Slurm', async () => {
    const [, words = ''] = /sbatch deploy\/train\.sbatch (--preset.*)/.exec(page) ?? [];
    const options = await optionsOf(['train', ...split(words)]);
    expect(() => settleWorkers(options, { size: 32 })).not.toThrow();
  });

  test.each(['mpijob', 'trainer-runtime'])('by deploy/%s.yaml', async (name) => {
    const words = launchIn(parse(read(`deploy/${name}.yaml`))) ?? [];
    const at = words.indexOf('--');
    expect(words.slice(0, at)).toEqual(['steppe', 'launch', '-n', '32', '--max-restarts', '3']);
    const options = await optionsOf(words.slice(at + 1));
    expect(() => settleWorkers(options, { size: 32 })).not.toThrow();
    expect(options.out).toBe('/shared/runs/first');
  });
});
