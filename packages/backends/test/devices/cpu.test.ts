import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { packagesBuilt } from '../../../../tools/vitest/packages-built.ts';

const folder = fileURLToPath(new URL('../..', import.meta.url));

beforeAll(packagesBuilt, 120_000);

test('The CPU backend computes without a banner on standard error', async () => {
  const program = `
    import * as tf from '@tensorflow/tfjs-core';
    import { useBackend } from '@steppe/backends';
    await useBackend('cpu');
    console.log(tf.tensor1d([3, 4]).arraySync().join());`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    cwd: folder,
  });
  expect({ stdout, stderr }).toEqual({ stdout: '3,4\n', stderr: '' });
});
