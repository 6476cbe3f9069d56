import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { whyNoGpu } from '../../../../tools/vitest/webgpu.ts';
import type { GpuBackend } from '../../src/devices/gpu-guard.ts';
import { useBackend } from '../../src/index.ts';
import { watchDawn } from '../../src/platform/dawn.ts';

type TestDevice = {
  createBuffer(descriptor: { size: number; usage: number }): {
    readonly mapState: string;
    mapAsync(mode: number): void;
  };
  destroy(): void;
};

/** A program that no device takes. */
const invalid = {
  variableNames: [],
  outputShape: [1],
  dispatchLayout: { x: [0] },
  dispatch: [1, 1, 1],
  workgroupSize: [1, 1, 1],
  shaderKey: 'invalid',
  getUserCode: () => 'fn main() { nothing }',
};

const reason = await whyNoGpu(() => useBackend('webgpu'));

const backend = (): GpuBackend & { device: { limits: Record<string, number> } } =>
  tf.engine().backend as unknown as GpuBackend & { device: { limits: Record<string, number> } };

describe.skipIf(reason)(`WebGPU in Node${reason && `: ${reason}`}`, () => {
  beforeEach(async () => {
    await useBackend('webgpu');
    tf.env().set('WEBGPU_CPU_FORWARD', false);
  });
  afterEach(() => {
    tf.env().set('WEBGPU_CPU_FORWARD', true);
    tf.disposeVariables();
  });

  test('is taken on request with a warning where it is software, and not by itself', async () => {
    const chosen = await useBackend('webgpu');
    expect(chosen).toMatchObject({
      name: 'webgpu',
      version: '4.22.0',
      description: expect.stringMatching(/^WebGPU on ./),
    });
    if (!/SwiftShader|llvmpipe/.test(chosen.description)) return;
    expect(chosen.warnings).toEqual(['This adapter is a software renderer: WASM is faster.']);
    const { name, passedOver } = await useBackend('auto');
    expect(name).not.toBe('webgpu');
    expect(passedOver.find((each) => each.name === 'webgpu')?.reason).toContain('only a software renderer');
  });

  test('gives a device with the limits of the adapter', async () => {
    const { gpu } = navigator as unknown as {
      gpu: { requestAdapter(): Promise<{ limits: Record<string, number> }> };
    };
    const { limits } = await gpu.requestAdapter();
    for (const name of ['maxStorageBuffersPerShaderStage', 'maxBufferSize', 'maxStorageBufferBindingSize'])
      expect(backend().device.limits[name]).toBe(limits[name]);
  });

  test('keeps the device while it works, and so the tensors on it', async () => {
    const x = tf.add(tf.tensor1d([1, 2]), 1);
    const { device } = backend();
    await useBackend('cpu');
    await useBackend('webgpu');
    expect(backend().device).toBe(device);
    expect(await tf.square(x).data()).toEqual(new Float32Array([4, 9]));
  });

  test('is read synchronously, also while others wait for what they read', async () => {
    const x = tf.add(tf.tensor1d([1, 2, 3]), 1);
    const waiting = tf.square(x).data();
    expect(x.dataSync()).toEqual(new Float32Array([2, 3, 4]));
    expect(tf.cast(x, 'int32').arraySync()).toEqual([2, 3, 4]);
    expect(tf.greater(x, 2).arraySync()).toEqual([0, 1, 1]);
    expect(tf.complex(x, x).dataSync()).toEqual(new Float32Array([2, 2, 3, 3, 4, 4]));
    expect(await waiting).toEqual(new Float32Array([4, 9, 16]));
  });

  test('is read synchronously on a device that was made while another one was at work', async () => {
    const { gpu } = navigator as unknown as {
      gpu: { requestAdapter(): Promise<{ requestDevice(): Promise<TestDevice> }> };
    };
    const adapter = await gpu.requestAdapter();
    const waiting = tf.square(tf.tensor1d([3])).data();
    const { device, waitUntil } = await watchDawn(gpu, () => adapter.requestDevice());
    const buffer = device.createBuffer({ size: 4, usage: 9 });
    buffer.mapAsync(1);
    waitUntil?.(() => buffer.mapState !== 'pending');
    expect(buffer.mapState).toBe('mapped');
    device.destroy();
    expect(await waiting).toEqual(new Float32Array([9]));
  });

  test('reads to the end what is disposed of meanwhile, and gives its memory back', async () => {
    const x = tf.add(tf.tensor1d([1, 2]), 1);
    const before = tf.engine().backend.numDataIds();
    const readings = [x.data(), x.data()];
    x.dispose();
    expect(await Promise.all(readings)).toEqual([new Float32Array([2, 3]), new Float32Array([2, 3])]);
    expect(tf.engine().backend.numDataIds()).toBe(before - 1);
  });

  test('permutes axes of whole numbers that were cast to floats', async () => {
    const floats = tf.cast(tf.add(tf.tensor3d([1, 2, 3, 4], [2, 1, 2], 'int32'), 1), 'float32');
    expect(await tf.transpose(floats, [1, 2, 0]).data()).toEqual(new Float32Array([2, 4, 3, 5]));
  });

  test('adds any number of tensors', async () => {
    const ones = Array.from({ length: 40 }, () => tf.ones([5]));
    for (const count of [1, 2, 7, 8, 9, 11, 12, 13, 16, 40])
      expect(await tf.addN(ones.slice(0, count)).data()).toEqual(new Float32Array(5).fill(count));
  });

  test('sums from the end backwards, also after another length', async () => {
    for (const [values, sums] of [
      [
        [1, 2, 3],
        [6, 5, 3],
      ],
      [
        [1, 2, 3, 4, 5],
        [15, 14, 12, 9, 5],
      ],
    ] as const)
      expect(await tf.cumsum(tf.tensor1d([...values]), 0, false, true).data()).toEqual(new Float32Array(sums));
    expect(await tf.cumsum(tf.tensor1d([1, 2, 3]), 0, true, true).data()).toEqual(new Float32Array([5, 3, 0]));
    const gradient = tf.grad((x) => tf.prod(x))(tf.tensor1d([2, 3, 4]));
    expect(await gradient.data()).toEqual(new Float32Array([12, 8, 6]));
  });

  test('sums lengths that are prime or odd, along any axes', async () => {
    for (const length of [1023, 1025, 1031, 4099]) {
      expect(tf.sum(tf.ones([length])).arraySync()).toBe(length);
      expect(tf.sum(tf.ones([length, 2], 'int32'), 0).arraySync()).toEqual([length, length]);
      expect(tf.mean(tf.fill([length, 2], 3), 0, true).arraySync()).toEqual([[3, 3]]);
    }
  });

  test.each([true, false])('keeps the axes of a product, with small tensors on the host: %s', (onHost) => {
    tf.env().set('WEBGPU_CPU_FORWARD', onHost);
    const x = tf.tensor2d([2, 3, 4, 5, 6, 7], [2, 3]);
    expect(tf.prod(x, 0, true).arraySync()).toEqual([[10, 18, 28]]);
    expect(tf.prod(x, undefined, true).arraySync()).toEqual([[5040]]);
    expect(tf.prod(x, -1).arraySync()).toEqual([24, 210]);
    const before = tf.engine().backend.numDataIds();
    tf.dispose(tf.prod(x, 1, true));
    expect(tf.engine().backend.numDataIds()).toBe(before);
  });

  test('pads six axes', () => {
    const padded = tf.pad(
      tf.ones([1, 1, 1, 1, 1, 2]),
      Array.from({ length: 6 }, () => [1, 0] as [number, number]),
    );
    expect(padded.shape).toEqual([2, 2, 2, 2, 2, 3]);
    expect(tf.sum(padded).arraySync()).toBe(2);
    expect(padded.dataSync().slice(-3)).toEqual(new Float32Array([0, 1, 1]));
  });

  test('adds along more than four axes, multiplies whole numbers modulo 2³², keeps signs and NaN', () => {
    expect(tf.sum(tf.add(tf.ones([2, 1, 2, 1, 2]), tf.ones([3, 1, 2, 1]))).arraySync()).toBe(2 * 2 * 3 * 2 * 2 * 2);
    const wholes = tf.tensor1d([65537, -7], 'int32');
    expect(tf.mul(wholes, wholes).arraySync()).toEqual([131073, 49]);
    expect(tf.pow(wholes, tf.tensor1d([3, 21], 'int32')).arraySync()).toEqual([196609, -192_061_479]);
    expect(tf.sign(tf.tensor1d([-1e-38, 0, 5e-8])).arraySync()).toEqual([-1, 0, 1]);
    expect(tf.relu6(tf.tensor1d([Number.NaN, 7])).arraySync()).toEqual([Number.NaN, 6]);
    expect(tf.pow(tf.tensor1d([0]), -3).arraySync()).toEqual([Number.POSITIVE_INFINITY]);
  });

  test('knows sines of large angles', () => {
    const angles = [1e10, 12345678, -3e38, 1.5707963];
    const expected = angles.map((angle) => Math.sin(Math.fround(angle)));
    for (const [i, sine] of (tf.sin(tf.tensor1d(angles)).arraySync() as number[]).entries())
      expect(Math.abs(sine - (expected[i] as number))).toBeLessThan(2e-7);
  });

  test('takes slopes of channels that come first, and counts an image as a list', () => {
    const conv = tf.fused.conv2d({
      x: tf.tensor4d([-1, -2, -1, -2], [1, 1, 2, 2]),
      filter: tf.ones([1, 1, 1, 2]),
      strides: 1,
      pad: 'valid',
      dataFormat: 'NCHW',
      activation: 'prelu',
      preluActivationWeights: tf.tensor1d([10, 100]),
    });
    expect([...conv.dataSync()]).toEqual([-10, -20, -10, -20, -100, -200, -100, -200]);
    const image = { x: tf.tensor3d([2, 0, 1, 2], [2, 2, 1], 'int32'), weights: tf.tensor1d([], 'float32') };
    const counts = tf.engine().runKernel(tf.Bincount, image, { size: 4 }) as tf.Tensor;
    expect([...counts.dataSync()]).toEqual([1, 1, 2, 0]);
  });

  test('throws at the kernel that the device rejects, and starts afresh when asked', async () => {
    const x = tf.add(tf.ones([2]), 1);
    expect(() => backend().runWebGPUProgram(invalid, [], 'float32')).toThrow(
      /^WebGPU rejected the kernel \S+: [^\n]+$/,
    );
    expect(() => x.dataSync()).toThrow(/^WebGPU rejected the kernel/);
    await useBackend('webgpu');
    expect(() => tf.square(x)).toThrow(/^WebGPU rejected the kernel/);
    expect(await tf.square(tf.tensor1d([3])).data()).toEqual(new Float32Array([9]));
  });

  test('says what to do about a tensor that is too large', () => {
    const length = (backend().device.limits.maxBufferSize as number) / 4;
    expect(() => tf.fill([length + 1], 1)).toThrow(
      /^A tensor is too large for this GPU: .* Use smaller batches or micro-batches, then call/,
    );
  });

  test('throws when its device is destroyed', async () => {
    const x = tf.add(tf.ones([2]), 1);
    backend().device.destroy();
    expect(() => x.dataSync()).toThrow("The WebGPU device is lost. To go on, call useBackend('webgpu') again");
    await expect(x.data()).rejects.toThrow('The WebGPU device was destroyed. To go on, call');
    expect(() => tf.square(x)).toThrow('The WebGPU device was destroyed.');
  });
});
