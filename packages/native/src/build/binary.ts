import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { cacheFolder, once } from './cache.ts';
import { type Compiler, compile, findCompiler } from './compiler.ts';
import { type Isa, isaFlags } from './isa.ts';
import { prebuiltFolder } from './prebuilt.ts';
import { buildHash, commonFlags, kernelFiles, linkFlags, sourceFolder } from './sources.ts';

/** Where a shared object came from: npm, an earlier build of the same sources, or the compiler just now. */
export type Built = 'prebuilt' | 'cached' | 'compiled';

/** Paths of shared objects, made when they are first asked for. */
export interface Binaries {
  probe(): Promise<{ readonly path: string; readonly built: Built }>;
  kernels(isa: Isa): Promise<{ readonly path: string; readonly built: Built }>;
}

/** The binaries for this platform: those that came with npm, else the system's C compiler's. @throws where there is neither. */
export function binaries(): Binaries {
  const prebuilt = prebuiltFolder();
  if (prebuilt !== undefined) {
    return {
      probe: async () => ({ path: join(prebuilt, 'probe.so'), built: 'prebuilt' }),
      kernels: async (isa) => ({ path: join(prebuilt, `${isa}.so`), built: 'prebuilt' }),
    };
  }
  const compiler = findCompiler();
  if (!compiler || process.platform === 'win32') throw new Error(whatToInstall());
  return {
    probe: () => build(compiler, 'probe', ['probe.c'], []),
    kernels: (isa) => build(compiler, isa, kernelFiles(), isaFlags[isa]),
  };
}

/** Compiles file by file, so that a change compiles one file again and processes that start together share the work. */
async function build(
  compiler: Compiler,
  name: string,
  files: readonly string[],
  isa: readonly string[],
): Promise<{ path: string; built: Built }> {
  const folder = cacheFolder();
  const version = await compile(compiler, ['--version'], sourceFolder);
  const flags = [...commonFlags, ...isa];
  const made = [version, compiler.join(' '), process.arch, ...flags];
  const link = linkFlags(process.platform);
  const file = `${name}-${buildHash(files, [...made, ...link])}.so`;
  const found = await once(folder, file, async (path) => {
    const waiting = [...files];
    const objects: string[] = [];
    const worker = async (): Promise<void> => {
      for (let source = waiting.shift(); source; source = waiting.shift()) {
        const object = `${source.slice(0, -2)}-${buildHash([source], made)}.o`;
        await once(folder, object, async (to) => {
          await compile(compiler, [...flags, '-c', source ?? '', '-o', to], sourceFolder);
        });
        objects.push(join(folder, object));
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() }, worker));
    await compile(compiler, [...objects.sort(), '-o', path, ...link], sourceFolder);
  });
  return { path: join(folder, file), built: found ? 'cached' : 'compiled' };
}

function whatToInstall(): string {
  const name = `@steppe/native-${process.platform}-${process.arch}`;
  return process.platform === 'win32'
    ? 'There are no native kernels for Windows: use the wasm backend, or WSL.'
    : `The native kernels need ${name} or a C compiler, found neither: npm install ${name}, or install gcc or clang.`;
}
