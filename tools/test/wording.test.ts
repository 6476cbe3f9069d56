import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../examples/extract.mjs';

const files = (...patterns: readonly string[]): readonly string[] =>
  execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', ...patterns], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\0')
    .filter((file) => file !== '');

const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** The lines of a page that can be broken: no tables, no code, no pictures, no single long word. */
function prose(page: string): readonly string[] {
  let code = false;
  return page.split('\n').filter((line) => {
    if (line.trimStart().startsWith('```')) code = !code;
    return !code && !/^(\|| {4}|\[!\[)/.test(line) && /\s\S+\s/.test(line.trim());
  });
}

describe('what people read', () => {
  test('pages have lines of at most 120 characters', () => {
    // Programs write parts of the others.
    const pages = files('*.md').filter(
      (file) => !/CHANGELOG\.md$|^\.changeset\/|^docs\/(benchmarks|evidence)|^apps\/wideresnet\//.test(file),
    );
    const long = pages.flatMap((file) =>
      prose(read(file)).flatMap((line) => (line.length > 120 ? [`${file}: ${line}`] : [])),
    );
    expect(long).toEqual([]);
  });

  test('the sources in C have lines of at most 120 characters', () => {
    const sources = files('packages/native/*.c', 'packages/native/*.h');
    expect(sources.length).toBeGreaterThan(50);
    const long = sources.flatMap((file) =>
      read(file)
        .split('\n')
        .flatMap((line, i) => ([...line].length > 120 ? [`${file}:${i + 1}: ${line}`] : [])),
    );
    expect(long).toEqual([]);
  });

  test('every @throws of a docstring begins with When', () => {
    const sources = files('packages/*/src/*.ts', 'apps/*/src/*.ts', 'apps/*/src/*.tsx');
    expect(sources.length).toBeGreaterThan(200);
    const others = sources.flatMap((file) =>
      (read(file).match(/@throws.*/g) ?? []).flatMap((text) =>
        /^@throws When /.test(text) ? [] : [`${file}: ${text}`],
      ),
    );
    expect(others).toEqual([]);
  });
});
