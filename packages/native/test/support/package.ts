import { spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { load } from '../../src/load.ts';

const source = fileURLToPath(new URL('../../', import.meta.url));
const modules = join(source, '../../node_modules');

/**
 * The package as an installed one, in a folder of its own that every user can read, with the kernels that were compiled
 * here.
 */
export type Installed = {
  readonly folder: string;
  readonly cache: string;
  /** Puts the compiled kernels and the probe of this machine into the package, as a build of a container does. */
  readonly addCompiled: () => void;
  /** A folder with a C compiler that only copies what was compiled here: a start with it is quick and real. */
  readonly standIn: string;
  readonly remove: () => void;
};

/** Compiles the kernels for this machine, once for all tests, and copies the package. */
export async function installed(): Promise<Installed> {
  const kernels = (await load('')).info.path;
  const real = dirname(kernels);
  const root = mkdtempSync(join(tmpdir(), 'steppe-start-'));
  const folder = join(root, 'native');
  const cache = join(folder, '.cache');
  for (const part of ['package.json', 'c']) cpSync(join(source, part), join(folder, part), { recursive: true });
  for (const name of ['koffi', '@koromix'])
    cpSync(join(modules, name), join(folder, 'node_modules', name), { recursive: true });
  await build({
    entryPoints: [join(source, 'src/index.ts')],
    outfile: join(folder, 'dist/build/index.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['koffi'],
    conditions: ['@steppe/source', 'module'],
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    logLevel: 'silent',
  });
  // Of other sources there may be more, whose names do not say it.
  const probes = readdirSync(real).filter((name) => name.startsWith('probe-') && name.endsWith('.so'));
  const standIn = join(root, 'bin');
  mkdirSync(standIn);
  // The third object is the slowest: a kill finds every stage of a build.
  const script = `#!/bin/sh
case "$*" in --version) echo stand-in; exit;; esac
for arg; do [ "$last" = -o ] && out="$arg"; last="$arg"; done
case "$*" in
  *-shared*) case "$*" in *probe-*) cp ${join(real, probes[0] ?? '')} "$out";; *) sleep 0.1; cp ${kernels} "$out";; esac;;
  *) sleep 0.02; echo "$*" > "$out";;
esac
`;
  writeFileSync(join(standIn, 'cc'), script, { mode: 0o755 });
  for (const path of [root, folder]) chmodSync(path, 0o755);
  return {
    folder,
    cache,
    standIn,
    addCompiled: () => {
      mkdirSync(cache, { mode: 0o755 });
      for (const path of [kernels, ...probes.map((name) => join(real, name))])
        cpSync(path, join(cache, basename(path)));
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** What a process said and how it ended. */
export type Ended = {
  readonly out: string;
  readonly err: readonly string[];
  readonly code: number | null;
};

/** How a process is started: with these variables alone, as this user, and killed after so long. */
export type Start = {
  readonly env: Readonly<Record<string, string>>;
  readonly user?: number | undefined;
  readonly killAfter?: number | undefined;
};

/**
 * Starts the native backend in a process of its own and computes 2 + 3 on it; prints that and where the kernels came
 * from.
 */
export function start({ folder }: Installed, { env, user, killAfter }: Start): Promise<Ended> {
  const script = `
    const native = await import(${JSON.stringify(join(folder, 'dist/build/index.mjs'))});
    try {
      const { built, threads } = await native.nativeInfo();
      await native.registerNative();
      console.log(built);
    } catch (error) {
      console.log(error.name + ': ' + error.message);
      process.exitCode = 1;
    }`;
  const ids = user === undefined ? {} : { uid: user, gid: user };
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { env, cwd: '/', ...ids });
  const text = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    text.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    text.err += chunk;
  });
  if (killAfter !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfter);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({ out: text.out.trim(), err: text.err.split('\n').filter((line) => line !== ''), code }),
    );
  });
}
