import { type PreciseBackend, preciseBackend } from '@steppe/kernels';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type BackendName, devices, useBackend } from '../src/index.ts';

describe('useBackend', () => {
  it('chooses what is asked for and says what it is', async () => {
    const chosen = await useBackend('wasm');
    expect(chosen).toEqual({
      name: 'wasm',
      version: '4.22.0',
      description: 'WebAssembly on one core, 128-bit SIMD with fused multiply-add',
      why: 'asked for',
      warnings: [],
      passedOver: [],
    });
    expect(tf.getBackend()).toBe('wasm');
  });

  it('switches, and tensors follow', async () => {
    await useBackend('wasm');
    const x = tf.tensor1d([1, 2, 3]);
    await useBackend('cpu');
    expect(tf.sum(x).arraySync()).toBe(6);
    await useBackend('wasm');
    expect(tf.sum(x).arraySync()).toBe(6);
    x.dispose();
  });

  it('chooses the first that is there, with a reason and a command for each one passed over', async () => {
    const rows = await devices();
    const first = rows.findIndex(({ available }) => available);
    const { name, why, passedOver } = await useBackend('auto');
    expect(name).toBe(rows[first]?.name);
    expect(passedOver).toEqual(rows.slice(0, first).map(({ name, reason, command }) => ({ name, reason, command })));
    expect(why).toBe(first === 0 ? 'nothing is faster' : 'the fastest that is available');
    for (const { reason, command } of passedOver) expect(`${reason}: ${command}`).toMatch(/^[^\n]+: [^\n]+$/);
  });

  it('names the command when what is asked for cannot be had, and keeps what there was', async () => {
    const rows = await devices();
    await useBackend('cpu');
    // What `auto` alone passes over may be had by asking, and then the reason is another or none.
    const missing = rows.filter(({ available, command }) => !available && !command.includes('useBackend('));
    for (const { name, reason, command } of missing)
      await expect(useBackend(name)).rejects.toThrow(` is not available: ${reason}. To change that: ${command}`);
    expect(tf.getBackend()).toBe('cpu');
  });

  it('says of a package that is not installed how to install it', async () => {
    const missing = (await devices()).filter(({ reason }) => reason.endsWith('is not installed'));
    for (const { reason, command } of missing) expect(command).toContain(`npm install ${reason.split(' ')[0]}`);
  });

  it('sets the precision of native, and says of others that they have one', async () => {
    await useBackend('native');
    const native = preciseBackend() as PreciseBackend;
    const own = native.inFloat32;
    expect(native.precision).toBe('highest');
    native.inFloat32 = ['default'];
    const high = await useBackend('native', { precision: 'high' });
    expect([high.warnings, native.precision]).toEqual([[], 'high']);
    expect((await useBackend('native', { precision: 'default' })).warnings).toEqual([
      'the precision default changes nothing here: this processor is faster in float32 than with bfloat16',
    ]);
    native.inFloat32 = own;
    await useBackend('native');
    expect(native.precision).toBe('highest');
    expect((await useBackend('cpu', { precision: 'default' })).warnings).toEqual([
      'the precision default changes nothing here: cpu multiplies in float32, and the device native in any',
    ]);
    await expect(useBackend('cpu', { precision: 'low' as 'high' })).rejects.toThrow(
      'precision must be one of highest, high, default, got low.',
    );
  });

  it('names the devices when there is none of that name', async () => {
    await expect(useBackend('tpu' as BackendName)).rejects.toThrow(
      'backend must be one of auto, cuda, webgpu, native, wasm, cpu, got tpu.',
    );
  });
});
