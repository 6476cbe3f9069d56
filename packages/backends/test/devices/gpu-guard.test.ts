import { describe, expect, it } from 'vitest';
import { type GpuBackend, gpuFailure, guardGpu, isGpuBackend } from '../../src/devices/gpu-guard.ts';

type Lost = { readonly reason?: string; readonly message: string };

/** A backend over a device that is an event target, as WebGPU's is, and never fails by itself. */
function device() {
  const target = new EventTarget();
  let settle: (lost: Lost) => void = () => {};
  const lost = new Promise<Lost>((resolve) => {
    settle = resolve;
  });
  const report = (message: string, Kind = class GPUValidationError {}): void => {
    target.dispatchEvent(
      Object.assign(new Event('uncapturederror'), { error: Object.assign(new Kind(), { message }) }),
    );
  };
  const destroy = () => settle({ reason: 'destroyed', message: 'device was destroyed' });
  const backend = {
    device: Object.assign(target, { lost, destroy }),
    read: async () => new Float32Array([1]),
    readSync: () => new Float32Array([2]),
    runWebGPUProgram: (...args: unknown[]) => args,
    dispose: () => {},
  } as unknown as GpuBackend;
  const lose = async (how: Lost): Promise<void> => {
    settle(how);
    await lost;
  };
  return { backend, report, lose };
}

const program = { shaderKey: 'addN' };

describe('a guarded WebGPU backend', () => {
  it('works as before while the device reports nothing', async () => {
    const { backend } = device();
    guardGpu(backend);
    expect(await backend.read({})).toEqual(new Float32Array([1]));
    expect(backend.readSync({})).toEqual(new Float32Array([2]));
    expect(backend.runWebGPUProgram(program, [1])).toEqual([program, [1]]);
    expect(gpuFailure(backend)).toBeUndefined();
  });

  it('throws what the device rejects, from then on, the first reason first', async () => {
    const { backend, report } = device();
    guardGpu(backend);
    const during = backend.read({});
    report('binding 8 exceeds the limit.\n - While validating.');
    report('later');
    const message =
      "WebGPU rejected a kernel: binding 8 exceeds the limit. Its results are lost: use another device for this model, such as useBackend('wasm').";
    await expect(during).rejects.toThrow(message);
    await expect(backend.read({})).rejects.toThrow(message);
    expect(() => backend.readSync({})).toThrow(message);
    expect(() => backend.runWebGPUProgram(program)).toThrow(message);
    expect(gpuFailure(backend)).toBe(message);
  });

  it('names the kernel that is rejected while it is started, which throws itself', () => {
    const { backend, report } = device();
    backend.runWebGPUProgram = () => report('no such type');
    guardGpu(backend);
    expect(() => backend.runWebGPUProgram(program)).toThrow('WebGPU rejected the kernel addN: no such type. ');
  });

  it('says of memory that smaller batches help', () => {
    const [full, large] = [device(), device()];
    guardGpu(full.backend);
    guardGpu(large.backend);
    full.report('out of device memory', class GPUOutOfMemoryError {});
    large.report('Buffer size (9) exceeds the max buffer size limit (8).');
    const remedy =
      "Use smaller batches or micro-batches, then call useBackend('webgpu') again: what was on the device is lost.";
    expect(gpuFailure(full.backend)).toBe(`The GPU is out of memory: out of device memory. ${remedy}`);
    expect(gpuFailure(large.backend)).toBe(
      `A tensor is too large for this GPU: Buffer size (9) exceeds the max buffer size limit (8). ${remedy}`,
    );
  });

  it('throws when the device is lost, also by being destroyed, and says so where a read fails for it', async () => {
    const [lost, destroyed] = [device(), device()];
    destroyed.backend.read = async () => {
      await destroyed.backend.device.lost;
      throw new Error('AbortError');
    };
    guardGpu(lost.backend);
    guardGpu(destroyed.backend);
    await lost.lose({ reason: 'unknown', message: 'a reset' });
    expect(() => lost.backend.readSync({})).toThrow(
      "The WebGPU device was lost: a reset. Use smaller batches or micro-batches if its memory or its time ran out, then call useBackend('webgpu') again: what was on the device is lost.",
    );
    const read = destroyed.backend.read({});
    destroyed.backend.dispose();
    await expect(read).rejects.toThrow(
      "The WebGPU device was destroyed. To go on, call useBackend('webgpu') again: what was on the device is lost.",
    );
  });

  it('is told from other backends', () => {
    expect(isGpuBackend(device().backend)).toBe(true);
    expect(isGpuBackend({ read: () => undefined })).toBe(false);
  });
});
