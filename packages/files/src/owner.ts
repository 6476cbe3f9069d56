import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Names one process among all that ever ran, on this machine and on others that share its disk. */
export type Owner = {
  readonly host: string;
  /** The kernel's name for the time since it started; empty where it has none. */
  readonly boot: string;
  /** The namespace in which `pid` counts: containers have their own; empty where there are none. */
  readonly space: string;
  readonly pid: number;
  /** When the process started, in the kernel's ticks: who gets its number later has another. Empty where unknown. */
  readonly start: string;
};

const orEmpty = (read: () => string): string => {
  try {
    return read().trim();
  } catch {
    return '';
  }
};

/** The 22nd field of `/proc/PID/stat`; the second, the name of the program, may hold blanks and brackets. */
const startOf = (pid: number): string =>
  orEmpty(
    () =>
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[19] ?? '',
  );

/** This process. */
export const ourselves = (): Owner => ({
  host: hostname(),
  boot: orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
  space: orEmpty(() => readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')),
  pid: process.pid,
  start: startOf(process.pid),
});

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Tells whether a process still runs: `'unknown'` in another machine or container, into which we cannot look. */
export function fateOf(owner: Owner): 'alive' | 'dead' | 'unknown' {
  const us = ourselves();
  const sameKernel = owner.boot === '' || us.boot === '' ? owner.host === us.host : owner.boot === us.boot;
  if (!sameKernel) return owner.host === us.host ? 'dead' : 'unknown';
  if (owner.space !== us.space) return 'unknown';
  if (!runs(owner.pid)) return 'dead';
  const start = startOf(owner.pid);
  return start !== '' && owner.start !== '' && start !== owner.start ? 'dead' : 'alive';
}
