import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { findIn, once } from './cache.ts';
import { compile, type FoundCompiler, workingCompiler } from './compiler.ts';
import { buildOf, type Isa, isaFlags } from './isa.ts';
import { allPlaces, type Places } from './places.ts';
import { prebuiltFolder } from './prebuilt.ts';
import { say } from './say.ts';
import { buildHash, commonFlags, kernelFiles, linkFlags, probeFile, sourceFolder } from './sources.ts';

/** Where a shared object came from: npm, an earlier build of the same sources, or the compiler just now. */
export type Built = 'prebuilt' | 'cached' | 'compiled';

/** A shared object, and where it came from. */
type Binary = {
  readonly path: string;
  readonly built: Built;
};

/** Paths of shared objects, made when they are first asked for. */
export type Binaries = {
  probe(): Promise<Binary>;
  kernels(isa: Isa): Promise<Binary>;
};

/** A shared object to make: `flags` are those of its instruction set. */
type Target = {
  readonly name: string;
  readonly files: readonly string[];
  readonly flags: readonly string[];
};

/**
 * The binaries for this platform: those that came with npm, else those that were compiled before, else what the C
 * compiler makes.
 *
 * @throws When there are none of these, saying what to install; a `SettingError` when `$CC` names no compiler.
 */
export async function binaries(): Promise<Binaries> {
  const prebuilt = prebuiltFolder();
  if (prebuilt !== undefined) {
    const of = async (name: string): Promise<Binary> => ({ path: join(prebuilt, `${name}.so`), built: 'prebuilt' });
    return { probe: () => of('probe'), kernels: (isa) => of(buildOf(isa)) };
  }
  if (process.platform === 'win32')
    throw new Error('There are no native kernels for Windows: use the wasm backend, or WSL.');
  const places = allPlaces();
  const compiler = await workingCompiler(sourceFolder);
  return {
    probe: () => binary(places, compiler, { name: 'probe', files: [probeFile], flags: [] }),
    kernels: (isa) => {
      const name = buildOf(isa);
      return binary(places, compiler, { name, files: kernelFiles(), flags: isaFlags[name] });
    },
  };
}

/** Finds what this compiler made of these sources, or makes it; without a compiler finds what any one made. */
async function binary(places: Places, found: FoundCompiler, target: Target): Promise<Binary> {
  const flags = [...commonFlags, ...target.flags];
  const link = linkFlags(process.platform);
  const sources = `${target.name}-${buildHash(target.files, [process.arch, ...flags, ...link])}`;
  if ('why' in found) {
    const path = await findIn(places, { key: sources, extension: 'so', title: target.name });
    if (path === undefined) throw new Error(whatToInstall(found.why));
    return { path, built: 'cached' };
  }
  const { compiler, version } = found;
  const made = [version, compiler.join(' '), process.arch, ...flags];
  const object = (source: string) => ({
    key: `${source.slice(0, -2).replace('/', '-')}-${buildHash([source], made)}`,
    extension: 'o' as const,
    title: `${source} compiled`,
  });
  const title = target.name === 'probe' ? 'the probe of the processor' : `the C kernels for ${target.name}`;
  const wanted = { key: `${sources}-${buildHash([], made).slice(0, 8)}`, extension: 'so' as const, title };
  const make = async (to: string): Promise<void> => {
    const objects = await each(target.files, async (source) => {
      const compiled = (path: string) => compile(compiler, [...flags, '-c', source, '-o', path], sourceFolder);
      return (await once(places, object(source), compiled)).path;
    });
    await compile(compiler, [...objects, '-o', to, ...link], sourceFolder);
  };
  const result = await once(places, wanted, target.name === 'probe' ? make : (to) => told(target.name, () => make(to)));
  return { path: result.path, built: result.found ? 'cached' : 'compiled' };
}

/** Processor seconds that gcc takes for all kernels of one instruction set, on a machine of the last years. */
const work = 28;

/** Compiles, and says so: a user who sees nothing for so long believes that the program hangs. */
async function told(isa: string, compiling: () => Promise<void>): Promise<void> {
  const about = Math.max(2, Math.ceil(work / availableParallelism()));
  say(`compiling the C kernels for this processor (${isa}), once: about ${about} s ...`);
  const begun = performance.now();
  await compiling();
  say(`compiled the C kernels in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
}

/** Does `work` for every item, as many at once as there are processors; the results are in the order of the items. */
async function each<A, B>(items: readonly A[], work: (item: A) => Promise<B>): Promise<readonly B[]> {
  const results: B[] = [];
  const waiting = [...items.entries()];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
}

function whatToInstall(why: string): string {
  const name = `@steppe/native-${process.platform}-${process.arch}`;
  return `The native kernels need ${name} or a C compiler, ${why}: npm install ${name}, or install gcc or clang.`;
}
