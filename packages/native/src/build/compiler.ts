import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { printable, reasonOf } from '@steppe/files';
import { SettingError } from './setting-error.ts';

const run = promisify(execFile);

/** A C compiler: its command and the arguments that come before all others (`zig cc` is `['zig', 'cc']`). */
export type Compiler = readonly [command: string, ...first: string[]];

/** Finds the C compiler: `$CC`, else `cc`, `gcc` or `clang` on the PATH; `undefined` where there is none. */
export function findCompiler(env: Readonly<Record<string, string | undefined>> = process.env): Compiler | undefined {
  const [command, ...first] = env.CC?.trim().split(/\s+/) ?? [];
  if (command) return [command, ...first];
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const name of ['cc', 'gcc', 'clang']) {
    if (folders.some((folder) => executable(join(folder, name)))) return [name];
  }
  return undefined;
}

/** A compiler that runs, with what it says of its version; else why there is none. */
export type FoundCompiler = { readonly compiler: Compiler; readonly version: string } | { readonly why: string };

/** Finds the C compiler and starts it. @throws When `$CC` names one that does not run: a `SettingError`. */
export async function workingCompiler(cwd: string): Promise<FoundCompiler> {
  const compiler = findCompiler();
  if (compiler === undefined) return { why: 'found neither' };
  try {
    return { compiler, version: await compile(compiler, ['--version'], cwd) };
  } catch (error) {
    if (error instanceof SettingError) throw error;
    return { why: `and ${compiler.join(' ')} does not run (${reasonFor((error as Error).cause)})` };
  }
}

/**
 * Runs the compiler and gives what it prints.
 *
 * @throws When it fails, with the first error that it printed; a `SettingError` when `$CC` named it.
 */
export async function compile(compiler: Compiler, args: readonly string[], cwd: string): Promise<string> {
  const [command, ...first] = compiler;
  try {
    const { stdout } = await run(command, [...first, ...args], { cwd, maxBuffer: 1 << 24 });
    const made = args.indexOf('-o') + 1;
    if (made > 0 && !existsSync(args[made] ?? '')) throw new Error('it made no file');
    return stdout;
  } catch (cause) {
    const file = args.find((arg) => arg.endsWith('.c')) ?? args[0] ?? '';
    throw failure(compiler, `on ${file}: ${reasonFor(cause)}`, cause);
  }
}

function failure(compiler: Compiler, what: string, cause: unknown): Error {
  const name = compiler.join(' ');
  return process.env.CC?.trim()
    ? new SettingError('CC', `must be a C compiler that works, got ${JSON.stringify(name)}: it failed ${what}.`, {
        cause,
      })
    : new Error(`The C compiler failed: ${name} ${what}.`, { cause });
}

/** One line: the first that names an error, else the first; else how the process ended. */
function reasonFor(cause: unknown): string {
  const printed = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim().split('\n') : [];
  const line = printed.find((text) => /error/i.test(text)) ?? printed[0];
  const signal = cause instanceof Error && 'signal' in cause && cause.signal ? `it was ended by ${cause.signal}` : '';
  return printable((line || signal || reasonOf(cause)).trim().replace(/\.$/, ''));
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
