// Looks at one device and tells the parent process: node child.js NAME [asked] [bench]
import { valueAndGrad } from '@steppe/autograd';
import { type BackendName, type DeviceRow, inspectDevice, useBackend } from '@steppe/backends';
import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { oneLine } from '../report/format.ts';
import { askByOption } from '../run/device.ts';
import { benchmark } from './benchmark.ts';

const [name = 'cpu', ...flags] = process.argv.slice(2);
const send = (message: unknown): Promise<void> =>
  new Promise((resolve) => {
    process.send?.(message, undefined, {}, () => resolve());
  });

/** Starts the device and computes on it: a library that loads may still fail at its first kernel. */
async function tried(row: DeviceRow): Promise<DeviceRow> {
  if (!row.available) return row;
  try {
    await useBackend(row.name);
    const weights = tf.tensor1d([3, 4]);
    const { value, grads } = valueAndGrad((w: tf.Tensor1D) => tf.sum<tf.Scalar>(tf.square(w)))(weights, null);
    const computed = [...(await value.data()), ...(await grads.data())].join();
    dispose(weights, value, grads);
    if (computed !== '25,6,8') throw new Error(`|(3, 4)|² and its gradient are 25,6,8, got ${computed}`);
    return row;
  } catch (error) {
    const reason = oneLine(error instanceof Error ? error.message : String(error));
    return { ...row, available: false, reason: `${row.reason}: it starts, but fails: ${reason}` };
  }
}

// A parent that is gone reads nothing any more.
process.on('disconnect', () => process.exit());
const row = await tried(await inspectDevice(name as BackendName, { asked: flags.includes('asked'), ask: askByOption }));
await send({ row });
if (row.available && flags.includes('bench')) await send({ benchmark: await benchmark() });
// What a library does at its exit is no longer of interest.
await send({ done: true });
process.exit();
