import type { Missing } from '../device.ts';
import type { CudaVersions, Nvidia } from '../platform/platform.ts';
import { buildForCuda } from '../remedies.ts';

const majorOf = (version: string): string => version.split('.')[0] ?? version;

/** CUDA's runtime as the linker knows it: 11 was the last one with a minor version in its name. */
const cudart = (version: string): string =>
  majorOf(version) === '11' ? 'libcudart.so.11.0' : `libcudart.so.${majorOf(version)}`;

const noDriver: Missing = {
  reason: 'there is no NVIDIA driver',
  command: 'sudo ubuntu-drivers install (or your system’s way)',
};

/**
 * Says why there is no TensorFlow at all: a machine without an NVIDIA GPU needs none.
 *
 * @param system - The operating system, as `process.platform` names it.
 */
export function whyNoTensorFlow({ driver, hasLibrary }: Nvidia, system: string): Missing {
  if (system !== 'linux')
    return { reason: 'TensorFlow with CUDA is built on Linux only', command: 'run on Linux (on Windows: in WSL)' };
  if (!driver && !hasLibrary('libcuda.so.1')) return noDriver;
  return { reason: 'no TensorFlow with CUDA is installed', command: buildForCuda };
}

/**
 * Says why TensorFlow sees no GPU: the first thing that is missing on the way from its own build over the driver and
 * the libraries to the device.
 *
 * @param needs - The versions of CUDA and cuDNN that TensorFlow was built for; none for a build for the CPU.
 */
export function whyNoGpu(needs: CudaVersions | undefined, { driver, hasLibrary, visible }: Nvidia): Missing {
  if (needs === undefined) return { reason: 'this TensorFlow is built without CUDA', command: buildForCuda };
  if (!driver && !hasLibrary('libcuda.so.1')) return noDriver;
  if (!hasLibrary('libcuda.so.1'))
    return {
      reason: `the NVIDIA driver ${driver} is there, but not its library libcuda.so.1`,
      command: 'docker run --gpus all ... (in a container), or reinstall the driver',
    };
  const hidden = {
    reason: `CUDA_VISIBLE_DEVICES=${visible ?? ''} leaves no GPU`,
    command: 'unset CUDA_VISIBLE_DEVICES',
  };
  if (visible === '' || visible === '-1') return hidden;
  const [library, what, pip] = (
    [
      [cudart(needs.cuda), `CUDA ${needs.cuda}`, `nvidia-cuda-runtime-cu${majorOf(needs.cuda)}`],
      [`libcudnn.so.${majorOf(needs.cudnn)}`, `cuDNN ${needs.cudnn}`, `nvidia-cudnn-cu${majorOf(needs.cuda)}`],
    ] as const
  ).find(([name]) => !hasLibrary(name)) ?? ['', '', ''];
  // What the published package wants is older than the GPUs that are sold, and than what NVIDIA still serves.
  const outdated = Number(majorOf(needs.cuda)) < 12;
  if (library)
    return {
      reason: `${library} of ${what} cannot be loaded`,
      command: outdated ? buildForCuda : `pip install ${pip} beside TensorFlow, or LD_LIBRARY_PATH=<its folder>`,
    };
  if (visible !== undefined) return hidden;
  return {
    reason: `the driver, CUDA ${needs.cuda} and cuDNN are there, but no GPU that TensorFlow can use`,
    command: outdated ? buildForCuda : 'nvidia-smi',
  };
}
