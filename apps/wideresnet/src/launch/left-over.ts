import { readdirSync, readFileSync } from 'node:fs';
import { launchVariable } from './launch-name.ts';

const environmentOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
};

/** The processes of a launch on this machine, whoever their parent is by now. */
function processesOf(launch: string): readonly number[] {
  const mark = `${launchVariable}=${launch}\0`;
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && environmentOf(name).includes(mark))
      .map(Number);
  } catch {
    return [];
  }
}

/** Ends what a launcher that died has left. */
export function endLeftOver(launch: string): void {
  for (const pid of processesOf(launch))
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
}
