import { printable } from '@steppe/files';
import { SettingError } from './setting-error.ts';

/**
 * An instruction set that the kernels are compiled for: `'avx512'`, `'avx2'` and `'baseline'` on x86-64, `'neon'` on
 * arm64.
 */
export type Isa = 'avx512' | 'avx2' | 'baseline' | 'neon';

/** The answers of `steppe_probe` in `c/probe.c`. */
const probed = ['baseline', 'avx2', 'avx512', 'neon'] as const;

/** The sets that a processor of one architecture may have, the widest first. */
export const isas: Readonly<Record<string, readonly Isa[]>> = { x64: ['avx512', 'avx2', 'baseline'], arm64: ['neon'] };

/** Compiler flags that select an instruction set. */
export const isaFlags: Readonly<Record<Isa, readonly string[]>> = {
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
