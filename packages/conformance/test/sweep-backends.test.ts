import '@tensorflow/tfjs';
import { useBackend } from '@steppe/backends';
import { expect, test } from 'vitest';
import { whyNoGpu } from '../../../tools/vitest/webgpu.ts';
import { type Finding, sweep } from '../src/index.ts';
import { type Known, knownFindings } from './known-findings.ts';

const covers = (known: Known, { op, gradient, kind, what }: Finding): boolean =>
  known.ops.includes(op) && known.gradient === gradient && known.kind === kind && known.says.test(what);

/** What a window larger than the image comes to is tfjs's, or an error that says so: both are right. */
const unfit = (finding: Finding): boolean => finding.kind === 'refuses' && /does not fit/.test(finding.what);

const noGpu = await whyNoGpu(() => useBackend('webgpu'));

// WebGPU compiles each program, and so gets the first of each operation.
test.for([
  ['cpu', 4],
  ['wasm', 4],
  ['native', 4],
  ['webgpu', 1],
] as const)(
  'random programs and their gradients come out right on %s, but for what is known of it',
  { timeout: 240_000 },
  async ([backend, cases], { skip }) => {
    if (backend === 'webgpu') skip(Boolean(noGpu), noGpu);
    await useBackend(backend).catch((error: Error) => skip(/compiler/.test(error.message), error.message));
    const findings: Finding[] = [];
    for (const gradients of [false, true]) findings.push(...(await sweep(backend, { seed: 2026, cases, gradients })));
    const known = knownFindings.filter((each) => each.backend === backend);
    const unknown = findings.filter((each) => !unfit(each) && !known.some((one) => covers(one, each)));
    expect(unknown.map(({ gradient, what, code }) => ({ gradient, what, code }))).toEqual([]);
    // Each operation of an exception still needs it.
    const needless = known.flatMap((one) =>
      one.ops.filter((op) => !findings.some((each) => each.op === op && covers(one, each))),
    );
    expect(needless).toEqual([]);
  },
);
