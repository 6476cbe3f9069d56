// The rows of a table of a package's README: what methods.mjs measures and what its page says of them has one source.
import { readFileSync } from 'node:fs';

/** The cells of the rows under a head, code in them as it stands. */
export function readmeRows(head, page = new URL('../../../packages/transforms/README.md', import.meta.url)) {
  const [, table] = readFileSync(page, 'utf8').split(`| ${head} |\n`);
  if (table === undefined) throw new Error(`The README has no table of ${head}.`);
  const [body] = table.split('\n\n');
  return body
    .split('\n')
    .slice(1)
    .map((row) => row.replace(/^\| /, '').replace(/ \|$/, '').split(' | '));
}
