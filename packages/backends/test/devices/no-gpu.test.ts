import { describe, expect, it } from 'vitest';
import { gpuName } from '../../src/devices/cuda.ts';
import { whyNoGpu, whyNoTensorFlow } from '../../src/devices/no-gpu.ts';
import type { Nvidia } from '../../src/platform/platform.ts';

/** A machine that has some of NVIDIA's libraries. */
const machine = (libraries: readonly string[], facts: Partial<Nvidia> = {}): Nvidia => ({
  driver: '550.54.15',
  gpus: ['NVIDIA H100 80GB HBM3'],
  visible: undefined,
  hasLibrary: (name) => libraries.includes(name),
  ...facts,
});

const needs = { cuda: '12.5.1', cudnn: '9' };
const all = ['libcuda.so.1', 'libcudart.so.12', 'libcudnn.so.9'];

describe('where TensorFlow sees no GPU', () => {
  it.each([
    ['a build for the CPU', undefined, machine(all), 'this TensorFlow is built without CUDA', 'build.mjs --cuda'],
    ['no driver', needs, machine([], { driver: '' }), 'there is no NVIDIA driver', 'ubuntu-drivers'],
    ['a container', needs, machine(all.slice(1)), 'driver 550.54.15 is there, but not its library', '--gpus all'],
    ['no CUDA', needs, machine(['libcuda.so.1']), 'libcudart.so.12 of CUDA 12.5.1', 'nvidia-cuda-runtime-cu12'],
    ['no cuDNN', needs, machine(all.slice(0, 2)), 'libcudnn.so.9 of cuDNN 9', 'nvidia-cudnn-cu12'],
    ['hidden GPUs', needs, machine(all, { visible: '' }), 'CUDA_VISIBLE_DEVICES= leaves', 'unset'],
    ['a GPU that is not there', needs, machine(all, { visible: '7' }), 'CUDA_VISIBLE_DEVICES=7 leaves', 'unset'],
    ['everything', needs, machine(all), 'no GPU that TensorFlow can use', 'nvidia-smi'],
  ])('%s is named, with the remedy', (_, build, nvidia, reason, command) => {
    const found = whyNoGpu(build, nvidia);
    expect(found.reason).toContain(reason);
    expect(found.command).toContain(command);
  });

  it('asks for the libraries of the published package, whose names hold more of their version', () => {
    const published = { cuda: '11.2', cudnn: '8.1' };
    expect(whyNoGpu(published, machine(['libcuda.so.1', 'libcudart.so.11.0'])).reason).toContain('libcudnn.so.8');
    expect(whyNoGpu(published, machine(['libcuda.so.1', 'libcudart.so.12'])).reason).toContain('libcudart.so.11.0');
  });

  it('sends whoever has the published package, which is older than the GPUs that are sold, to a build of today', () => {
    const published = { cuda: '11.2', cudnn: '8.1' };
    const machines = [['libcuda.so.1'], ['libcuda.so.1', 'libcudart.so.11.0', 'libcudnn.so.8']].map((l) => machine(l));
    for (const each of machines) expect(whyNoGpu(published, each).command).toContain('build.mjs --cuda');
  });

  it('takes GPUs that are hidden for the cause before libraries that TensorFlow then did not look for', () => {
    expect(whyNoGpu(needs, machine(['libcuda.so.1'], { visible: '-1' })).reason).toContain('CUDA_VISIBLE_DEVICES=-1');
  });
});

describe('where there is no TensorFlow', () => {
  it.each([
    ['a machine without a GPU is told so', machine([], { driver: '' }), 'linux', 'no NVIDIA driver', 'ubuntu-drivers'],
    ['a GPU gets a build of today', machine(all), 'linux', 'no TensorFlow with CUDA is installed', 'build.mjs --cuda'],
    ['other systems are sent to Linux', machine([], { driver: '' }), 'darwin', 'on Linux only', 'run on Linux'],
  ])('%s', (_, nvidia, system, reason, command) => {
    const found = whyNoTensorFlow(nvidia, system);
    expect(found.reason).toContain(reason);
    expect(found.command).toContain(command);
    expect(found.command).not.toContain('npm install @tensorflow/tfjs-node-gpu');
  });
});

describe('a GPU', () => {
  it('is called what the driver calls it', () => {
    expect(gpuName(machine([]))).toBe('NVIDIA H100 80GB HBM3 (driver 550.54.15)');
    expect(gpuName(machine([], { gpus: ['NVIDIA L4', 'NVIDIA L4'], driver: '' }))).toBe('one of 2 GPUs, NVIDIA L4');
    expect(gpuName(machine([], { gpus: [], driver: '' }))).toBe('a CUDA GPU');
  });
});
