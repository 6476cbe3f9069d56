// Compiles the kernels with sanitizers, once for an instruction set, to the programs and the shared object that run.mjs
// runs.
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { kernelFiles, sourceFolder } from '../../dist/build/sources.js';

const run = promisify(execFile);
const compiler = process.env.CC ?? 'cc';
const here = fileURLToPath(new URL('./', import.meta.url));
const fuzz = readdirSync(join(here, 'fuzz')).filter((name) => name.endsWith('.c'));

const memory = 'address,undefined,float-cast-overflow';
const flags = [
  '-std=gnu11',
  '-O0', // compiles in a third of the time of -O1 (clang: a twentieth), and no undefined behaviour is optimized away
  ...[
    '-g',
    '-pthread',
    '-fPIC',
    '-fno-math-errno',
    '-fno-trapping-math',
    '-fno-sanitize-recover=all',
    '-I',
    sourceFolder,
  ],
];

/** What to compile for: the instruction sets of this processor, and the thread sanitizer, for which one will do. */
export function variants() {
  const cpu = process.platform === 'linux' ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  const found = [{ name: 'baseline', sanitizers: memory, isa: [] }];
  const avx2 = ['-mavx2', '-mfma', '-mbmi2'];
  if (/\bavx2\b/.test(cpu)) found.push({ name: 'avx2', sanitizers: memory, isa: avx2 });
  const avx512 = ['-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl', ...avx2];
  if (/\bavx512dq\b/.test(cpu)) found.push({ name: 'avx512', sanitizers: memory, isa: avx512 });
  return [...found, { name: 'threads', sanitizers: 'thread', isa: [] }];
}

/** Runs tasks, as many at a time as there are cores. */
async function together(tasks) {
  const waiting = [...tasks];
  const worker = async () => {
    for (let task = waiting.shift(); task; task = waiting.shift()) await task();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

/** Compiles one variant to `folder`: paths of the program main.c, the program of fuzz/, and the shared object. */
export async function compile({ name, sanitizers, isa }, folder) {
  const to = join(folder, name);
  mkdirSync(to);
  const all = [...flags, `-fsanitize=${sanitizers}`, ...isa];
  const objects = async (prefix, sources) => {
    const made = sources.map((source, i) => [source, join(to, `${prefix}${i}.o`)]);
    await together(
      made.map(
        ([source, path]) =>
          () =>
            run(compiler, [...all, '-c', source, '-o', path]),
      ),
    );
    return made.map(([, path]) => path);
  };
  const kernelObjects = await objects(
    'kernel',
    kernelFiles().map((name) => join(sourceFolder, name)),
  );
  const link = async (file, parts, extra = []) => {
    await run(compiler, [...all, ...extra, ...parts, ...kernelObjects, '-o', join(to, file), '-lm']);
    return join(to, file);
  };
  return {
    main: await link('main', await objects('main', [join(here, 'main.c')])),
    fuzz: await link(
      'fuzz',
      await objects(
        'fuzz',
        fuzz.map((name) => join(here, 'fuzz', name)),
      ),
    ),
    library: await link('kernels.so', [], ['-shared']),
  };
}

/** The sanitizer's library, which has to be loaded before a program that was not compiled with it; `undefined` where
 * the compiler, clang for one, has it in another form. */
export async function runtimeLibrary() {
  const { stdout } = await run(compiler, ['-print-file-name=libasan.so']);
  return isAbsolute(stdout.trim()) ? stdout.trim() : undefined;
}
