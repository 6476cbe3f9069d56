// What SAM and its relatives do where it is known: closed forms and toys, 20 paired seeds each, and every row of the
// README's table of relatives on one problem with a known flattest minimum.
//   npm run build && node tools/bench/methods.mjs [--part forms|teacher|diagonal|links] [--backend native] [--keep]
import { parseArgs } from 'node:util';
import { useBackend } from '@steppe/backends';
import { interval } from '../evidence/statistics.mjs';
import { settings as balance } from './methods/balance.mjs';
import { seeds } from './methods/descend.mjs';
import { comparison as diagonal } from './methods/diagonal.mjs';
import { flatness } from './methods/factors.mjs';
import { linkRows } from './methods/links.mjs';
import { keepPart, methodsTable } from './methods/page.mjs';
import { settings as quadratic } from './methods/quadratic.mjs';
import { comparison as teacher } from './methods/teacher.mjs';
import { table } from './report.mjs';

const withHalf = ({ mean, half }, digits) => `${mean.toFixed(digits)} ± ${half.toFixed(digits)}`;

const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
};

/** A closed form, as a ratio that should be 1. */
function closedForm({ setting, chain, run }) {
  const ratios = run();
  const worst = ratios.reduce((a, b) => (Math.abs(b - 1) > Math.abs(a - 1) ? b : a));
  return {
    'measured / formula': setting,
    chain: `\`${chain}\``,
    'mean ± 95 %': withHalf(interval(ratios), 4),
    'worst seed': worst.toFixed(4),
  };
}

/** Arms beside a baseline, seed by seed. */
function compared({ title, measure, baseline, expected, run }) {
  const results = run();
  const rows = Object.entries(results).map(([name, own]) => {
    const ratios = own.map((x, i) => Math.log10(x / results[baseline][i]));
    const better = ratios.filter((ratio) => ratio < 0).length;
    const isBase = name === baseline;
    return {
      chain: /^\w+\(/.test(name) ? `\`${name}\`` : name,
      [`median ${measure}`]: median(own).toExponential(1),
      'log₁₀ of the ratio to the first row': isBase ? '' : withHalf(interval(ratios), 2),
      better: isBase ? '' : `${better} of ${own.length}`,
      'an independent program': expected[name] ?? '',
    };
  });
  return `### ${title}\n\n${table(rows)}`;
}

/** A method on the factorization. */
function measured({ optimizer, code, ...row }) {
  const own = seeds.map((seed) => flatness(optimizer, seed));
  const flat = withHalf(interval(own.map((x) => x.flatness)), 3);
  const loss = median(own.map((x) => x.loss)).toExponential(1);
  process.stderr.write(`${code}: ${flat}, ${loss}\n`);
  return { code, ...row, flat, loss };
}

const parts = {
  links: () => methodsTable(linkRows().map(measured)),
  forms: () => table([...quadratic, ...balance].map(closedForm)),
  teacher: () => compared(teacher),
  diagonal: () => compared(diagonal),
};

const { values } = parseArgs({
  options: {
    part: { type: 'string' },
    backend: { type: 'string', default: 'native' },
    keep: { type: 'boolean', default: false },
  },
});
const chosen = values.part === undefined ? Object.keys(parts) : [values.part];
for (const part of chosen)
  if (!(part in parts)) throw new Error(`--part must be one of ${Object.keys(parts).join(', ')}, got ${part}.`);

const { name } = await useBackend(values.backend);
for (const part of chosen) {
  const body = parts[part]();
  console.log(`${name}, ${part}\n\n${body}\n`);
  if (values.keep) keepPart(part, body, `node tools/bench/methods.mjs --part ${part} --backend ${values.backend}`);
}
