import { printable } from '@steppe/files';

/** What takes text: standard output, standard error. */
export type Sink = { write(text: string): unknown };

/**
 * Writes text as lines: the one place where text leaves the program.
 *
 * Names of files, values of a config file and what servers and damaged files say may hold control characters, which
 * could move the cursor, hide text or ask a terminal for things: they are written out as `\u001b`. Inside a string of
 * JSON that is what they stand for.
 */
export function print(sink: Sink, ...texts: readonly string[]): void {
  const lines = texts.flatMap((text) => text.split('\n'));
  sink.write(lines.map((line) => `${printable(line)}\n`).join(''));
}
