import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sourceFolder } from '../src/build/sources.ts';
import { binaryOps } from '../src/kernels/binary.ts';
import { reduceOps } from '../src/kernels/reduce.ts';
import { unaryOps } from '../src/kernels/unary.ts';
import { signatures } from '../src/library.ts';

const header = ['steppe.h', 'runtime/threads.h', 'program/program.h']
  .map((name) => readFileSync(`${sourceFolder}${name}`, 'utf8'))
  .join('');

/** The names of an enumeration of steppe.h, from one name on, without the count at its end. */
function enumerated(first: string): string[] {
  const [, body = ''] = new RegExp(`enum \\{\\s*(STEPPE_${first}\\b[^}]*)\\}`).exec(header) ?? [];
  return body.split(/[\s,]+/).filter((name) => name !== '' && !name.endsWith('_OPS'));
}

const constant = (name: string): string =>
  `STEPPE_${name
    .replace(/^Steppe/, '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, '_')
    .toUpperCase()}`;
const renamed: Readonly<Record<string, string>> = {
  STEPPE_MULTIPLY: 'STEPPE_MUL',
  STEPPE_REAL_DIV: 'STEPPE_DIV',
  STEPPE_CLIP_BY_VALUE: 'STEPPE_CLIP',
};
const constants = (names: readonly string[]): string[] => names.map(constant).map((name) => renamed[name] ?? name);

describe('the C contract', () => {
  test('numbers operations as TypeScript does', () => {
    expect(constants(unaryOps)).toEqual(enumerated('ABS'));
    expect(constants(binaryOps)).toEqual(enumerated('ADD'));
    expect(constants(reduceOps)).toEqual(enumerated('SUM'));
  });

  test('declares every function with the parameters that TypeScript passes', () => {
    const letters: readonly [RegExp, string][] = [
      [/\*/, 'p'],
      [/\bdouble\b/, 'd'],
      [/\blong\b/, 'l'],
      [/\bint\b/, 'i'],
      [/\bvoid\b/, 'v'],
    ];
    const letter = (type: string): string => letters.find(([pattern]) => pattern.test(type))?.[1] ?? '?';
    for (const [name, signature] of Object.entries(signatures)) {
      const [, result = '', parameters = ''] = new RegExp(`^(\\w+) ${name}\\(([^)]*)\\);`, 'm').exec(header) ?? [];
      const declared = parameters.split(',').map(letter).join('').replace(/^v$/, '');
      expect(`${name} ${declared}:${letter(result)}`).toBe(`${name} ${signature}`);
    }
  });

  test('has a place in programs for every function that computes, with the parameters that TypeScript passes', () => {
    const table = readFileSync(`${sourceFolder}program/functions.c`, 'utf8');
    const recorded = [...table.matchAll(/FUNCTION\((\w+), "(\w+)"\)/g)].map(
      ([, name, letters]) => `steppe_${name} ${letters}`,
    );
    const asked = /^steppe_(threads|bf16_pays|set_|program_|function_number|replay)|_scratch$/;
    const computing = Object.entries(signatures).filter(([name]) => !asked.test(name));
    expect(recorded).toEqual(computing.map(([name, signature]) => `${name} ${signature.split(':')[0]}`));
  });
});
