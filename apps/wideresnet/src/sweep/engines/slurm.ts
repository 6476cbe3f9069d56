import { join } from 'node:path';
import { writeAtomically } from '@steppe/files';
import { CommandError } from '../../commands/exit-codes.ts';
import { quoted } from '../../commands/shell.ts';
import type { Sweep } from '../sweep.ts';
import { commandsFile, writeCommands } from './parallel.ts';

/** What the script says itself: a trial is found by its number, and what it prints is beside its folder. */
const ours: ReadonlySet<string> = new Set(['array', 'chdir', 'output', 'error', 'open-mode']);

/** A line for sbatch: its words end at a blank, so what holds one is in quotes. */
const directive = ([name, value]: readonly [string, string | number | true]): string =>
  `#SBATCH --${name}${value === true ? '' : `=${/^[\w@%+=:,./-]+$/.test(String(value)) ? value : JSON.stringify(String(value))}`}`;

/**
 * The script of a job array, a task for each trial.
 *
 * Slurm tells a trial by SIGUSR1 that its time is up, two minutes before: it saves and exits with 75, which puts it
 * back into the queue. A node that fails or is taken away does so by `--requeue`.
 */
export function slurmScript(sweep: Sweep): string {
  const { folder, jobs, name, spec, trials } = sweep;
  const taken = Object.keys(spec.slurm).find((word) => ours.has(word));
  if (taken !== undefined)
    throw new CommandError(`slurm.${taken} in ${sweep.file} is said by the sweep itself: leave it out.`);
  const broken = Object.entries(spec.slurm).find(([, value]) => /[\n\r]/.test(String(value)));
  if (broken !== undefined) throw new CommandError(`slurm.${broken[0]} in ${sweep.file} must be one line.`);
  const words = {
    'job-name': name,
    array: `0-${trials - 1}%${jobs}`,
    chdir: process.cwd(),
    output: join(folder, 'slurm-%A_%a.log'),
    'open-mode': 'append',
    requeue: true as const,
    signal: 'USR1@120',
    ...spec.slurm,
  };
  return `#!/bin/bash
${Object.entries(words).map(directive).join('\n')}

# Line n + 1 is trial n; it goes on where it stopped.
trial=$(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" ${quoted(commandsFile(sweep))})
srun --kill-on-bad-exit=1 sh -c "exec $trial"
code=$?
# 75 is the wish to go on later.
if [ "$code" -eq 75 ]; then scontrol requeue "$SLURM_JOB_ID"; fi
exit "$code"
`;
}

/** Writes the script of a job array and the commands that it reads; gives its name. */
export async function writeSlurm(sweep: Sweep): Promise<string> {
  const script = slurmScript(sweep);
  await writeCommands(sweep);
  const file = join(sweep.folder, 'sweep.sbatch');
  await writeAtomically(file, script);
  return file;
}
