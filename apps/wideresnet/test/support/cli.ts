import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Builds the command, with all else that is built. */
export { packagesBuilt as buildCli } from '../../../../tools/vitest/packages-built.ts';

const app = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The built command. */
export const cli = join(app, 'dist', 'cli.js');

/** Runs the built command to its end, as users do, with some variables added to the environment. */
export function runCli(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return new Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>(
    (resolve, reject) => {
      const child = spawn(process.execPath, [cli, ...args], { env: { ...process.env, ...env } });
      let [out, err] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        out += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        err += text;
      });
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, out, err }));
    },
  );
}
