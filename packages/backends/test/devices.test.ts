import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { backendNames, type DeviceRow, devices, formatDevices, useBackend } from '../src/index.ts';

describe('the table of devices', () => {
  it('has a row for each, with a command for each that is missing, and changes nothing', async () => {
    await useBackend('cpu');
    const rows = await devices();
    expect(tf.getBackend()).toBe('cpu');
    expect(rows.map(({ name }) => name)).toEqual(backendNames);
    for (const { available, reason, command } of rows) {
      expect(reason).not.toBe('');
      expect(command === '').toBe(available);
    }
    expect(rows.find(({ name }) => name === 'wasm')).toMatchObject({ available: true, version: '4.22.0' });
  });

  it('is laid out in lines, commands and warnings below their device', () => {
    const rows: DeviceRow[] = [
      {
        name: 'cuda',
        available: true,
        version: '4.22.0',
        reason: 'TensorFlow 2.9.1',
        command: '',
        warnings: ['No GPU.'],
        details: {},
      },
      {
        name: 'webgpu',
        available: false,
        version: '',
        reason: 'no adapter',
        command: 'do this',
        warnings: [],
        details: {},
      },
    ];
    expect(formatDevices(rows).split('\n')).toEqual([
      'cuda    yes  4.22.0   TensorFlow 2.9.1',
      '                      No GPU.',
      'webgpu  no   -        no adapter',
      '                      do this',
    ]);
  });
});
