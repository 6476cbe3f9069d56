import { readyLine } from './lines.ts';

/** What the launcher hears on the standard error of the ranks and of the program that started them. */
export type Heard =
  /** All ranks listen to signals. */
  | { readonly kind: 'ready' }
  /** A rank ends with this code. */
  | { readonly kind: 'code'; readonly code: number }
  /** A rank waits for one that does not come: all end. */
  | { readonly kind: 'stuck'; readonly text: string }
  /** A rank or what starts them was ended, by whoever did it. */
  | { readonly kind: 'death'; readonly text: string }
  /** A line for the user. */
  | { readonly kind: 'line'; readonly text: string };

/** Of which rank or process a launcher says what ended it, in words. */
function deathIn(text: string): string | undefined {
  const [, rank, node, signal, name] =
    /noticed that process rank (\d+) with PID \d+ on node (\S+) exited on signal (\d+) \(([^)]*)\)/.exec(text) ?? [];
  if (rank !== undefined) return `rank ${rank} on ${node} was ended by signal ${signal} (${name})`;
  const [, lost] = /lost communication with a remote daemon.*Remote daemon:.* on node (\S+)/s.exec(text) ?? [];
  if (lost !== undefined) return `${lost} is lost, or what starts ranks there was ended`;
  const [, pid, host, code] = /PID (\d+) RUNNING AT (\S+)\s+=?\s*EXIT CODE: (\d+)/.exec(text) ?? [];
  return pid === undefined ? undefined : `the rank of process ${pid} on ${host} was ended (${code})`;
}

/** Blocks of launchers that only repeat what a rank has said itself. */
const isRepetition = (text: string): boolean =>
  /Primary job\s+terminated normally|exited with non-zero status|exiting improperly|without calling "?finalize/.test(
    text,
  );

/** MPICH goes on below its frame. */
const isBelowFrame = (text: string): boolean =>
  text === '' || /^(YOUR APPLICATION TERMINATED|This typically refers|Please see the FAQ)/.test(text);

/**
 * Makes the reader of what ranks and their launcher write: it takes the frames of launchers apart and leaves out what
 * all ranks say alike, or what comes behind the first that says that a peer is lost.
 *
 * @param rule - The lines above and below a frame: `-` of OpenMPI on standard error, `=` of MPICH on standard output.
 */
export function reader(tell: (heard: Heard) => void, rule = /^[-=]{70,}$/): { read(chunk: string): void; end(): void } {
  let rest = '';
  let block: string[] | undefined;
  let isAfterDeath = false;
  const said = new Set<string>();
  /** What a line means; nothing where it is not for the user. */
  const meaning = (text: string): Heard | undefined => {
    const [, code] = /^steppe-launch: code (\d+)$/.exec(text) ?? [];
    if (text === readyLine) return { kind: 'ready' };
    if (code !== undefined) return { kind: 'code', code: Number(code) };
    if (/Forwarding signal \d+ to job/.test(text) || (isAfterDeath && isBelowFrame(text))) return undefined;
    const [, alike] = /^steppe: (?:rank \d+ on \S+: )?(.*)$/.exec(text) ?? [];
    if (alike === undefined) return { kind: 'line', text };
    const kind = alike.endsWith('a peer is lost or stuck.') ? 'stuck' : 'line';
    const key = kind === 'stuck' ? kind : alike;
    if (said.has(key)) return undefined;
    said.add(key);
    return { kind, text };
  };
  const line = (text: string): void => {
    const heard = meaning(text);
    if (heard !== undefined) tell(heard);
  };
  const close = (lines: readonly string[]): void => {
    const text = lines.join('\n');
    const death = deathIn(text);
    isAfterDeath ||= /BAD TERMINATION/.test(text);
    if (death !== undefined) tell({ kind: 'death', text: `steppe: ${death}; the others were ended, too.` });
    else if (text.trim() !== '' && !isRepetition(text)) for (const each of lines) tell({ kind: 'line', text: each });
  };
  return {
    read(chunk) {
      const lines = (rest + chunk).split(/\r?\n/);
      rest = lines.pop() ?? '';
      for (const text of lines) {
        if (!rule.test(text)) block === undefined ? line(text) : block.push(text);
        else if (block === undefined) block = [];
        else {
          close(block);
          block = undefined;
        }
      }
    },
    end() {
      if (block !== undefined) close(block);
      if (rest !== '') line(rest);
    },
  };
}
