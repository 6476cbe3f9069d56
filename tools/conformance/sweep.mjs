// Runs random programs on a backend and tells which come out wrong; the packages must be built (npm run build):
//   node tools/conformance/sweep.mjs --backend cpu|wasm|native|webgpu [--seed 1] [--cases 2000] [--ops add,conv2d]
//     [--gradients] [--json] [--checkout FOLDER]
// The programs run in a process of their own, for WebGPU in a page of the system's Chromium, so that one which crashes or
// hangs is a finding and not the end. --cases counts the programs of all operations together. --checkout takes the
// packages of another checkout.
import { parseArgs } from 'node:util';
import { sweepOps } from '@steppe/conformance';
import { inOne, inTurn } from './sweep-children.mjs';
import { inPages } from './sweep-page.mjs';
import { summary } from './sweep-summary.mjs';

const { values } = parseArgs({
  options: {
    backend: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },
    cases: { type: 'string', default: '2000' },
    ops: { type: 'string', default: '' },
    gradients: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    checkout: { type: 'string', default: '' },
  },
});
const backends = ['cpu', 'wasm', 'native', 'webgpu'];
if (!backends.includes(values.backend))
  throw new Error(`--backend is one of ${backends.join(', ')}; got "${values.backend}".`);

const all = sweepOps(values.gradients);
const ops = values.ops ? values.ops.split(',') : all;
for (const name of ops) if (!all.includes(name)) throw new Error(`--ops are among ${all.join(', ')}; got "${name}".`);

const each = Math.ceil(Number(values.cases) / ops.length);
const pages = values.backend === 'webgpu' ? await inPages() : undefined;
const findings = await inTurn(pages?.run ?? inOne, { ...values, seed: Number(values.seed), ops, each });
pages?.close();
console.log(values.json ? JSON.stringify(findings, null, 1) : summary(findings, ops.length * each, values.backend));
process.exitCode = findings.length ? 1 : 0;
