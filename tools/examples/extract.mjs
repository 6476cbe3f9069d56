// Finds the examples of docstrings and pages: every ```ts block, with the place it comes from.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

function* filesUnder(folder, wanted) {
  for (const name of readdirSync(folder).sort()) {
    if (name === 'node_modules' || name === 'dist' || name.startsWith('.')) continue;
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* filesUnder(path, wanted);
    else if (wanted(path)) yield path;
  }
}

/** The ```ts blocks of a text, each with its line and, in a docstring, without the leading asterisks. */
export function blocksOf(text) {
  const blocks = [];
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const fence = /^(\s*\*? ?)```ts\s*$/.exec(lines[i]);
    if (!fence) continue;
    const end = lines.findIndex((line, j) => j > i && /^\s*\*? ?```\s*$/.test(line));
    const code = lines.slice(i + 1, end).map((line) => (fence[1].includes('*') ? line.replace(/^\s*\* ?/, '') : line));
    blocks.push({ line: i + 2, code: `${code.join('\n')}\n` });
    i = end;
  }
  return blocks;
}

/** What the comments `// => …` of an example promise, for each console.log in order; undefined where nothing is
 * promised. */
export function promisesOf(code) {
  return code
    .split('\n')
    .filter((line) => /console\.log\(|\/\/ =>/.test(line))
    .map((line) => /\/\/ => (.*)$/.exec(line)?.[1]?.trim());
}

/** All examples of the repository: docstrings of packages and apps, READMEs and docs. */
export function examples() {
  const found = [];
  const isSource = (path) => /\/(packages|apps)\/[^/]+\/src\/.*\.ts$/.test(path);
  const isPage = (path) => /\.md$/.test(path) && !/CHANGELOG\.md$|\/\.changeset\//.test(path);
  for (const path of filesUnder(root, (file) => isSource(file) || isPage(file)))
    for (const block of blocksOf(readFileSync(path, 'utf8')))
      found.push({ ...block, place: `${relative(root, path)}:${block.line}` });
  return found;
}
