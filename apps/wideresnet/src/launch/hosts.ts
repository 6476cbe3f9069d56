import { codeOf, printable, readRegular, reasonOf } from '@steppe/files';
import { CommandError, exitCode } from '../commands/exit-codes.ts';
import { shownPath } from '../run/run-folder.ts';

/** A machine and how many ranks it takes. */
export type Host = { readonly name: string; readonly slots: number };

const maxBytes = 1_000_000;

/** One line of a file of hosts: `node1 slots=8`, as OpenMPI has them, `node1:8`, as MPICH has them, or a name alone,
 * which takes one. What begins with a dash would be an option of ssh. */
const aHost = /^(?<name>[a-z\d_][\w.-]*)(?::(?<short>[1-9]\d{0,3})|\s+slots\s*=\s*(?<long>[1-9]\d{0,3}))?$/i;

/** Reads the text of a file of hosts; a number sign begins a comment. */
export function parseHosts(text: string, nameOf: (line: number) => string): readonly Host[] {
  const hosts = new Map<string, number>();
  for (const [i, whole] of text.split(/\r?\n/).entries()) {
    const line = whole.replace(/#.*$/, '').trim();
    if (line === '') continue;
    const { name, short, long } = aHost.exec(line)?.groups ?? {};
    if (name === undefined)
      throw new CommandError(
        `${nameOf(i + 1)} must be a host such as "node1 slots=8", got ${printable(line.slice(0, 60))}.`,
        exitCode.data,
      );
    hosts.set(name, (hosts.get(name) ?? 0) + Number(short ?? long ?? 1));
  }
  return [...hosts].map(([name, slots]) => ({ name, slots }));
}

/**
 * Reads a file of hosts.
 *
 * @throws When it cannot be read, has a line that is no host, or has none.
 */
export async function readHosts(file: string): Promise<readonly Host[]> {
  const shown = shownPath(file);
  const bytes = await readRegular(file, { maxBytes }).catch((cause: unknown) => {
    const missing = codeOf(cause) === 'ENOENT';
    throw new CommandError(
      missing
        ? `No file of hosts at ${shown}: write one, a line such as "node1 slots=8" for each.`
        : `--hosts: ${reasonOf(cause)}`,
      missing ? exitCode.usage : exitCode.io,
      { cause },
    );
  });
  const hosts = parseHosts(new TextDecoder().decode(bytes), (line) => `Line ${line} of ${shown}`);
  if (hosts.length === 0)
    throw new CommandError(`${shown} has no hosts: write a line such as "node1 slots=8" for each.`, exitCode.data);
  return hosts;
}
