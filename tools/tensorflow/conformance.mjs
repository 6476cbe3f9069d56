// Runs in a project that has Steppe and tfjs-node: the conformance suite on TensorFlow, what is said of it, and a short
// training.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import util from 'node:util';
import '@steppe/autograd';
import { devices, useBackend } from '@steppe/backends';
import { allCases, conform, formatRows } from '@steppe/conformance';
import * as tf from '@tensorflow/tfjs-core';

/** What TensorFlow gets wrong itself, by the cause. */
const known = { 'Sum of long columns': 'TensorFlow for the CPU adds columns up in float32, one after the other' };

let [passed, failed] = [0, 0];
async function check(what, run) {
  try {
    await run();
    passed++;
    console.log(`ok   ${what}`);
  } catch (error) {
    failed++;
    console.log(`FAIL ${what}\n     ${error.message}`);
  }
}

// As on Node 23, which removed them.
for (const name of ['isArray', 'isNullOrUndefined']) delete util[name];
const chosen = await useBackend('cuda');
const onGpu = tf.backend().isUsingGpuDevice;

await check(`useBackend('cuda') is ${chosen.description}`, () => {
  assert.equal(tf.getBackend(), 'tensorflow');
  assert.match(chosen.description, /^TensorFlow 2\.\d+\.\d+ through @tensorflow\/tfjs-node(-gpu)?, on /);
  assert.deepEqual(
    chosen.warnings.map((warning) => warning.startsWith('TensorFlow sees no GPU and computes on the CPU: ')),
    onGpu ? [] : [true],
  );
});

await check('auto takes it for its GPU only, and says what is missing', async () => {
  const { name, passedOver } = await useBackend('auto');
  assert.equal(name === 'cuda', onGpu);
  const [row] = await devices();
  assert.equal(row.available, onGpu);
  if (onGpu) return;
  assert.deepEqual(passedOver[0], { name: 'cuda', reason: row.reason, command: row.command });
  assert.match(row.reason, /^TensorFlow 2\.\S+ sees no GPU: /);
});

await useBackend('cuda');
for (const row of await conform('tensorflow', allCases)) {
  const cause = known[row.name];
  const right = row.passed || (cause !== undefined && row.error > row.tolerance);
  if (right) passed++;
  else failed++;
  if (!row.passed) console.log(`${formatRows([row]).split('\n')[0]}${cause ? `\n     as expected: ${cause}` : ''}`);
}

await check('steppe trains a WRN-10-1 with SAM on it', () => {
  const out = join(mkdtempSync(join(tmpdir(), 'steppe-run-')), 'run');
  try {
    const steppe = ['node_modules/@steppe/wideresnet/dist/cli.js', 'train', '--backend', 'cuda', '--out', out];
    const preset = ['--preset', 'fashion-mini'];
    const options = ['--depth', '10', '--width', '1', '--steps', '30', '--batch', '32', '--limit', '1000', '--json'];
    const events = execFileSync(process.execPath, [...steppe, ...preset, ...options], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const { device } = JSON.parse(readFileSync(join(out, 'config.json'), 'utf8'));
    assert.equal(device.description, chosen.description);
    const { summary } = JSON.parse(events.trim().split('\n').at(-1));
    assert.equal(summary.status, 'complete');
    assert.ok(summary.testError < 0.7, `the test error is ${summary.testError}, that of guessing 0.9`);
  } finally {
    rmSync(join(out, '..'), { recursive: true, force: true });
  }
});

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
