import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Nvidia } from './platform.ts';

/** What the kernel's driver tells about itself and its GPUs. */
const folder = '/proc/driver/nvidia';

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

const list = (path: string): readonly string[] => {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
};

/** Node loads any shared library as an addon: it complains of ours in one way when the linker cannot find it, in
 * another when it can. */
function linkerFinds(name: string): boolean {
  try {
    process.dlopen({ exports: {} }, name);
    return true;
  } catch (error) {
    return !(error as Error).message.includes('cannot open shared object file');
  }
}

/** The folders of pip's NVIDIA packages beside the TensorFlow that is loaded: it looks there by itself. */
function pipFolders(): readonly string[] {
  const tensorFlow = /\s(\/\S+)\/tensorflow\/libtensorflow_\w+\.so/.exec(read('/proc/self/maps'))?.[1];
  if (tensorFlow === undefined) return [];
  const packages = join(tensorFlow, 'nvidia');
  return list(packages).map((name) => join(packages, name, 'lib'));
}

/**
 * Looks at what this machine has of NVIDIA's, without any of NVIDIA's programs.
 *
 * A library counts as found when the linker finds it, has it already, or when pip put it beside the TensorFlow that is
 * loaded.
 */
export const nvidia = (): Nvidia => ({
  driver: /Kernel Module(?: for \S+)?\s+(\d[\d.]*)/.exec(read(`${folder}/version`))?.[1] ?? '',
  gpus: list(`${folder}/gpus`).flatMap(
    (gpu) => /^Model:\s*(.+?)\s*$/m.exec(read(`${folder}/gpus/${gpu}/information`))?.[1] ?? [],
  ),
  hasLibrary: (name) => linkerFinds(name) || pipFolders().some((path) => existsSync(join(path, name))),
  visible: process.env.CUDA_VISIBLE_DEVICES,
});
