import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { platform } from '../../src/platform/node.ts';
import { restoreRemovedUtil } from '../../src/platform/node-util.ts';
import { nvidia } from '../../src/platform/nvidia.ts';

describe('Node', () => {
  it('gets back what tfjs-node still calls, and keeps what it has', () => {
    const isArray = (): boolean => true;
    const util: Record<string, unknown> = { isArray, inspect: 1 };
    restoreRemovedUtil(util);
    const { isNullOrUndefined } = util as { isNullOrUndefined: (value: unknown) => boolean };
    expect([null, undefined, 0, ''].map(isNullOrUndefined)).toEqual([true, true, false, false]);
    expect(util.isArray).toBe(isArray);
    expect(util.inspect).toBe(1);
  });

  it.runIf(process.platform === 'linux')('tells a shared library that is there from one that is not', () => {
    const { hasLibrary, driver, gpus } = nvidia();
    expect(['libm.so.6', 'libsteppe-is-not-there.so.1'].map(hasLibrary)).toEqual([true, false]);
    expect(gpus.length === 0 || driver !== '').toBe(true);
  });

  it('finds the WASM files in a folder that ends with a slash', () => {
    const folder = platform.wasmFolder() ?? '';
    expect(folder.endsWith('/')).toBe(true);
    expect(existsSync(join(folder, 'tfjs-backend-wasm-simd.wasm'))).toBe(true);
  });

  it('takes back the handlers of an Emscripten module and no others', async () => {
    const listeners = () => [...process.listeners('uncaughtException'), ...process.listeners('unhandledRejection')];
    const during = (): void => {};
    const before = listeners();
    await platform.withoutProcessHandlers(async () => {
      await import('@tensorflow/tfjs-backend-wasm');
      await tf.setBackend('wasm');
      process.on('uncaughtException', during);
      expect(listeners().length).toBe(before.length + 3);
    });
    process.removeListener('uncaughtException', during);
    expect(listeners()).toEqual(before);
  });
});
