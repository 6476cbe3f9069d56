import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { adapterName, isSoftwareAdapter, webgpu } from '../../src/devices/webgpu.ts';

describe('a WebGPU adapter', () => {
  it.each([
    [{ info: { vendor: 'google', architecture: 'swiftshader' } }, true],
    [{ info: { vendor: 'mesa', device: 'llvmpipe (LLVM 15.0.6, 256 bits)' } }, true],
    [{ info: { description: 'Microsoft Basic Render Driver' } }, true],
    [{ isFallbackAdapter: true, info: { vendor: 'nvidia' } }, true],
    [{ info: { vendor: 'amd', isFallbackAdapter: true } }, true],
    [{ info: { vendor: 'nvidia', architecture: 'hopper', description: 'NVIDIA H200' } }, false],
    [{ info: { vendor: 'apple', architecture: 'metal-3', isFallbackAdapter: false } }, false],
    [{}, false],
  ])('%j is software: %s', (adapter, expected) => {
    expect(isSoftwareAdapter(adapter)).toBe(expected);
  });

  it('is called what it calls itself', () => {
    expect(adapterName({ info: { vendor: 'nvidia', architecture: 'hopper' } })).toBe('nvidia hopper');
    expect(adapterName({ info: { vendor: 'nvidia', description: 'NVIDIA H200' } })).toBe('NVIDIA H200');
    expect(adapterName({})).toBe('an unnamed adapter');
  });
});

describe('looking for WebGPU', () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  afterEach(() => {
    vi.unstubAllEnvs();
    if (before) Object.defineProperty(globalThis, 'navigator', before);
    else Reflect.deleteProperty(globalThis, 'navigator');
  });

  /** Stands at `navigator.gpu`, as a browser's WebGPU does, and has one adapter or none. */
  const gpuWith = (adapter: object | null): void => {
    const value = { gpu: { requestAdapter: async () => adapter } };
    Object.defineProperty(globalThis, 'navigator', { value, configurable: true });
  };

  it('finds none without an adapter', async () => {
    gpuWith(null);
    expect(await webgpu.probe({ auto: false })).toEqual({
      reason: 'WebGPU found no graphics adapter',
      command: 'sudo apt install mesa-vulkan-drivers (Debian 12: with -t bookworm-backports)',
    });
  });

  it.runIf(process.platform === 'linux' && !existsSync('/dev/dri') && !existsSync('/dev/nvidiactl'))(
    'loads no driver by itself where the machine shows no graphics device',
    async () => {
      vi.stubEnv('VK_DRIVER_FILES', undefined);
      vi.stubEnv('VK_ICD_FILENAMES', undefined);
      Reflect.deleteProperty(globalThis, 'navigator');
      expect(await webgpu.probe({ auto: true })).toMatchObject({
        reason: 'this machine shows no graphics device (/dev/dri)',
      });
      expect(globalThis.navigator).toBeUndefined();
    },
  );

  it('passes a software renderer over unless it is asked for', async () => {
    gpuWith({ info: { description: 'SwiftShader driver 5.0.0' } });
    expect(await webgpu.probe({ auto: true })).toEqual({
      reason: 'WebGPU found only a software renderer (SwiftShader driver 5.0.0), slower than WASM',
      command: "useBackend('webgpu')",
    });
    const asked = await webgpu.probe({ auto: false });
    expect('reason' in asked ? asked.reason : asked.warnings.join()).not.toContain('found only');
  });
});
