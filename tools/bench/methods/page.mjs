// Writes a part of what methods.mjs measured between its own markers of docs/methods.md.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { machine, table } from '../report.mjs';

const page = fileURLToPath(new URL('../../../docs/methods.md', import.meta.url));

/** The table of all methods, as it stands on the page. */
export const methodsTable = (rows) =>
  table(
    rows.map(({ code, is, cost, when, flat, loss }) => ({
      chain: `\`${code}\``,
      'what it computes': is,
      cost,
      'when to use it; what it is compared with': when,
      'λ_max / flattest': flat,
      'loss before': loss,
    })),
  );

export function keepPart(name, body, command) {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const made = `\`${command}\`\non ${machine()}; ${new Date().toISOString().slice(0, 10)}, commit ${commit}.`;
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, rest] = readFileSync(page, 'utf8').split(begin);
  if (rest === undefined) throw new Error(`docs/methods.md has no marker ${begin}.`);
  writeFileSync(page, `${before}${begin}\n${body}\n\n${made}\n${end}${rest.split(end)[1]}`);
}
