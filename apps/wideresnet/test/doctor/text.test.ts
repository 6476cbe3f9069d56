import { describe, expect, test } from 'vitest';
import type { Diagnosis } from '../../src/doctor/diagnose.ts';
import { describeAll, describeBenchmark, describeChoice } from '../../src/doctor/text.ts';

const device = (name: Diagnosis['name'], more: Partial<Diagnosis> = {}): Diagnosis => ({
  name,
  available: true,
  version: '1.0.0',
  reason: 'it computes',
  command: '',
  warnings: [],
  details: {},
  crashed: false,
  ...more,
});

describe('what the doctor says', () => {
  test('names the device that training would use, or why it must be chosen', () => {
    const missing = device('cuda', { available: false });
    expect(describeChoice([missing, device('wasm'), device('cpu')])).toBe(
      'steppe train uses wasm; --backend <name> chooses another.',
    );
    expect(describeChoice([{ ...missing, crashed: true }, device('wasm')])).toBe(
      'steppe train would try cuda first and end like it: choose with --backend wasm.',
    );
    const mistaken = device('native', { available: false, mistaken: true, command: 'unset STEPPE_THREADS' });
    expect(describeChoice([missing, mistaken, device('wasm')])).toBe(
      'steppe train stops at native: unset STEPPE_THREADS, or --backend wasm.',
    );
    expect(describeChoice([missing])).toBe('No device works.');
  });

  test('gives a speed with the digits that mean something', () => {
    const benchmark = (imagesPerSecond: number, secondsPerGradient: number) =>
      describeBenchmark(
        device('native', { benchmark: { imagesPerSecond, batch: 32, gradients: 60, secondsPerGradient } }),
      );
    expect(benchmark(1028.4, 0.03112)).toBe('native    1,028 images/s   batch 32, 31.1 ms each, mean of 60');
    expect(benchmark(0.42137, 2.3732)).toBe('native    0.421 images/s   batch 32, 2.37 s each, mean of 60');
    expect(describeBenchmark(device('webgpu', { benchmark: { failed: 'no answer within 90 s' } }))).toBe(
      'webgpu  could not be measured: no answer within 90 s',
    );
  });

  test('lists all facts of a device that stands alone, and counts kernels in JavaScript else', () => {
    const kernels = Array.from({ length: 30 }, (_, i) => `Kernel${i}`);
    const native = device('native', { details: { isa: 'avx2', threads: 2, kernelsInJavaScript: kernels } });
    const alone = describeAll([native]);
    expect(alone.slice(0, 4)).toEqual([
      'native  yes  1.0.0    it computes',
      '          isa: avx2',
      '          threads: 2',
      '          kernelsInJavaScript (30):',
    ]);
    expect(
      alone
        .slice(4)
        .map((line) => line.trim())
        .join(' '),
    ).toBe(kernels.join(', '));
    expect(Math.max(...alone.map((line) => line.length))).toBeLessThanOrEqual(120);
    expect(describeAll([native, device('cpu')]).at(-1)).toBe(
      'native runs 30 kernels in JavaScript: steppe doctor --backend native lists them.',
    );
    const capturing = device('native', { details: { steps: 'captured: recorded once' } });
    expect(describeAll([capturing, device('cpu')]).at(-1)).toBe(
      'steps on native are captured: recorded once; steppe train --eager makes them kernel by kernel.',
    );
  });
});
