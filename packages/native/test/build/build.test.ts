import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { compile, findCompiler } from '../../src/build/compiler.ts';
import { physicalCores, threadCount } from '../../src/build/cores.ts';
import { buildOf, buildsFor, chooseIsa, isaInUse } from '../../src/build/isa.ts';
import { prebuiltFolder } from '../../src/build/prebuilt.ts';
import { SettingError } from '../../src/build/setting-error.ts';
import { buildHash, kernelFiles } from '../../src/build/sources.ts';

const folder = mkdtempSync(join(tmpdir(), 'steppe-build-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('choosing an instruction set', () => {
  test('takes the widest that the processor has', () => {
    const widest = [0, 1, 2, 4, 5].map((probe) => chooseIsa(probe, 'x64', undefined));
    expect(widest).toEqual(['baseline', 'avx2', 'avx512', 'avx512bf16', 'amx']);
    expect(chooseIsa(3, 'arm64', '')).toBe('neon');
  });

  test('takes the one that is asked for, if the processor has it', () => {
    expect(chooseIsa(2, 'x64', 'avx2')).toBe('avx2');
    expect(() => chooseIsa(1, 'x64', 'avx512')).toThrow(
      'STEPPE_ISA must be one of avx2, baseline on this processor, got avx512.',
    );
    expect(() => chooseIsa(0, 's390x', undefined)).toThrow(
      'There are no native kernels for s390x: use the wasm backend.',
    );
  });

  test('takes one binary for all that AVX-512 multiplies bfloat16 by', () => {
    expect((['amx', 'avx512bf16', 'avx512', 'avx2'] as const).map(buildOf)).toEqual([
      'avx512',
      'avx512',
      'avx512',
      'avx2',
    ]);
    expect(buildsFor('x64')).toEqual(['avx512', 'avx2', 'baseline']);
  });

  test('says what the binary uses, and refuses what was asked for in vain', () => {
    expect([isaInUse('amx', 2, 'amx'), isaInUse('amx', 1, undefined), isaInUse('avx2', 0, '')]).toEqual([
      'amx',
      'avx512bf16',
      'avx2',
    ]);
    expect(() => isaInUse('amx', 0, 'amx')).toThrow(
      'STEPPE_ISA must be avx512 with this compiler, which knows no amx.',
    );
  });
});

describe('the compiler', () => {
  test('is $CC, else one on the PATH', () => {
    expect(findCompiler({ CC: 'zig cc' })).toEqual(['zig', 'cc']);
    expect(findCompiler({ PATH: folder })).toBeUndefined();
    writeFileSync(join(folder, 'gcc'), '#!/bin/sh\n', { mode: 0o755 });
    expect(findCompiler({ PATH: folder })).toEqual(['gcc']);
  });

  test('reports what went wrong', async () => {
    writeFileSync(join(folder, 'wrong.c'), 'int f( {');
    await expect(compile(findCompiler() ?? ['cc'], ['-c', 'wrong.c'], folder)).rejects.toThrow(
      /The C compiler failed: .*wrong\.c/,
    );
  });
});

describe('the C sources', () => {
  test('change the name of what is made of them, as the flags do', () => {
    writeFileSync(join(folder, 'a.c'), 'int a;');
    writeFileSync(join(folder, 'a.h'), '');
    const first = buildHash(['a.c'], ['-O3'], folder);
    expect(buildHash(['a.c'], ['-O2'], folder)).not.toBe(first);
    writeFileSync(join(folder, 'a.h'), '#define A');
    expect(buildHash(['a.c'], ['-O3'], folder)).not.toBe(first);
  });

  test('are the kernels, without the probe', () => {
    expect(kernelFiles()).toContain('conv/conv.c');
    expect(kernelFiles()).not.toContain('runtime/probe.c');
  });

  test('are compiled where npm has no binaries', () => {
    expect(prebuiltFolder('plan9', 'mips')).toBeUndefined();
  });
});

describe('the number of threads', () => {
  test('is what is asked for', () => {
    expect(threadCount('3')).toBe(3);
    expect(() => threadCount('0')).toThrow('STEPPE_THREADS must be a whole number of at least 1, got 0.');
  });

  test.each(['-1', '1.5', 'two', '1e3', ' ', '0x2', '99999999999999999999'])('is never guessed from "%s"', (asked) => {
    expect(() => threadCount(asked)).toThrow(SettingError);
  });

  test('counts two processors of one core once', () => {
    ['0,2', '1,3', '0,2', '1,3'].forEach((siblings, cpu) => {
      const topology = join(folder, 'cpus', `cpu${cpu}`, 'topology');
      mkdirSync(topology, { recursive: true });
      writeFileSync(join(topology, 'thread_siblings_list'), `${siblings}\n`);
    });
    expect(physicalCores(join(folder, 'cpus'))).toBe(2);
    expect(physicalCores(join(folder, 'nothing'))).toBeGreaterThanOrEqual(1);
    expect(threadCount('')).toBeGreaterThanOrEqual(1);
  });
});
