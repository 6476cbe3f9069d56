// Keeps what a benchmark measured in docs/benchmarks.md, between its own markers, with the machine and the date.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const page = join(root, 'docs', 'benchmarks.md');

/** One line on the machine: what the figures depend on. */
export function machine() {
  const [{ model }] = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${model.trim()}, ${gigabytes} GiB, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
}

/** Rows of objects as a Markdown table; the keys of the first row are its head. */
export function table(rows) {
  const head = Object.keys(rows[0] ?? {});
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map((row) => line(head.map((key) => row[key])))].join('\n');
}

/** Replaces the section `name` of docs/benchmarks.md, or adds it at the end. */
export function keep(name, title, body, command) {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  const date = new Date().toISOString().slice(0, 10);
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const section = `${begin}\n## ${title}\n\n${body}\n\n\`${command}\` on ${machine()}; ${date}, commit ${commit}.\n${end}`;
  const before = existsSync(page) ? readFileSync(page, 'utf8') : '# Benchmarks\n';
  const at = before.indexOf(begin);
  const after =
    at < 0
      ? `${before.trimEnd()}\n\n${section}\n`
      : before.slice(0, at) + section + before.slice(before.indexOf(end) + end.length);
  writeFileSync(page, after);
}

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/**
 * Measures rows by their numbers, from 1 on, all of them unless some are asked for, and tells each as it is there.
 *
 * @param file - Where the rows are saved, beside those that it holds; undefined for nowhere.
 * @returns Those of the file and the new ones, in the order of their numbers.
 */
export async function measureRows(rows, asked, file, measure) {
  const numbers = asked.length > 0 ? asked.map(Number) : rows.map((_, i) => i + 1);
  for (const number of numbers)
    if (!rows[number - 1]) throw new Error(`rows are numbers from 1 to ${rows.length}, got ${number}.`);
  const saved = file && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  for (const number of numbers) {
    saved[number] = await measure(rows[number - 1]);
    console.log(JSON.stringify(saved[number].row));
    if (file) writeFileSync(file, JSON.stringify(saved));
  }
  const done = Object.keys(saved).sort((a, b) => a - b);
  return done.map((number) => saved[number]);
}
