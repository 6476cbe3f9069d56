import { printable } from '@steppe/files';
import { SettingError } from './setting-error.ts';

/** What the kernels are compiled for, one binary each: three sets of x86-64, and that of arm64. */
export type Build = 'avx512' | 'avx2' | 'baseline' | 'neon';

/**
 * An instruction set: `'avx512'`, `'avx2'` and `'baseline'` on x86-64, `'neon'` on arm64. `'avx512bf16'` and `'amx'` are
 * AVX-512 that multiplies bfloat16 by dot products and by matrix tiles, where a precision below float32 is asked for.
 */
export type Isa = 'amx' | 'avx512bf16' | Build;

/** The answers of `steppe_probe` in `c/runtime/probe.c`. */
const probed = ['baseline', 'avx2', 'avx512', 'neon', 'avx512bf16', 'amx'] as const;

/** The sets that a processor of one architecture may have, the widest first. */
const isas: Readonly<Record<string, readonly Isa[]>> = {
  x64: ['amx', 'avx512bf16', 'avx512', 'avx2', 'baseline'],
  arm64: ['neon'],
};

/** What multiplies bfloat16, by its number in `steppe_set_matrix_unit`; AVX-512 alone does it in float32. */
const units: readonly Isa[] = ['avx512', 'avx512bf16', 'amx'];

/** The number of what multiplies bfloat16 in an instruction set. */
export const matrixUnit = (isa: Isa): number => Math.max(0, units.indexOf(isa));

/** The binary of an instruction set: that of AVX-512 holds all that multiplies bfloat16. */
export const buildOf = (isa: Isa): Build => (isa === 'amx' || isa === 'avx512bf16' ? 'avx512' : isa);

/** The binaries of an architecture. */
export const buildsFor = (arch: string): readonly Build[] => [...new Set((isas[arch] ?? []).map(buildOf))];

/** Compiler flags that select an instruction set. */
export const isaFlags: Readonly<Record<Build, readonly string[]>> = {
  avx512: [
    '-mavx512f',
    '-mavx512bw',
    '-mavx512dq',
    '-mavx512vl',
    '-mavx2',
    '-mfma',
    '-mbmi2',
    '-mprefer-vector-width=512',
  ],
  avx2: ['-mavx2', '-mfma', '-mbmi2'],
  baseline: [],
  neon: [],
};

/**
 * Chooses the instruction set: the one that is asked for (`STEPPE_ISA`), if the processor has it, else the widest it
 * has.
 */
export function chooseIsa(probe: number, arch: string, asked: string | undefined): Isa {
  const best = probed[probe];
  const here = isas[arch] ?? [];
  const able = here.slice(Math.max(0, best ? here.indexOf(best) : 0));
  if (asked === undefined || asked === '') {
    const [first] = able;
    if (!first) throw new Error(`There are no native kernels for ${arch}: use the wasm backend.`);
    return first;
  }
  const found = able.find((isa) => isa === asked);
  if (!found)
    throw new SettingError(
      'STEPPE_ISA',
      `must be one of ${able.join(', ')} on this processor, got ${printable(asked)}.`,
    );
  return found;
}

/**
 * The instruction set that a binary uses once it was asked for the unit of `chosen`: less where the compiler did not know
 * the instructions.
 *
 * @throws When `asked` names one that this binary lacks: a `SettingError`.
 */
export function isaInUse(chosen: Isa, unit: number, asked: string | undefined): Isa {
  if (matrixUnit(chosen) === unit) return chosen;
  const isa = units[unit] ?? 'avx512';
  if (asked) throw new SettingError('STEPPE_ISA', `must be ${isa} with this compiler, which knows no ${asked}.`);
  return isa;
}
