import { quoted } from '../../commands/shell.ts';
import { shownPath } from '../../run/run-folder.ts';
import type { EngineName } from '../about.ts';
import type { Watch } from '../child.ts';
import type { Sweep } from '../sweep.ts';
import { katibManifest, writeKatib } from './katib.ts';
import { parallelWords, runParallel, writeCommands } from './parallel.ts';
import { runOptuna } from './run-optuna.ts';
import { slurmScript, writeSlurm } from './slurm.ts';

/** What a sweep can be handed to. */
export type Engine = {
  /** Refuses what this engine cannot do, before anything is written. */
  readonly check?: (sweep: Sweep) => unknown;
  /** Writes what the engine reads; gives what to type to run it by hand. */
  readonly write: (sweep: Sweep) => Promise<string>;
  /** Runs it here and gives the exit code; an engine without it is another machine's. */
  readonly run?: (sweep: Sweep, watch: Watch) => Promise<number>;
  /** Whether it minds `devices`: the others have their own word for them. */
  readonly takesDevices: boolean;
};

/** How each engine is called. */
export const engineOf: { readonly [name in EngineName]: Engine } = {
  optuna: {
    write: async ({ file }) => `steppe sweep ${quoted(file)} --engine optuna`,
    run: runOptuna,
    takesDevices: true,
  },
  parallel: {
    write: async (sweep) => {
      await writeCommands(sweep);
      return parallelWords(sweep).map(quoted).join(' ');
    },
    run: runParallel,
    takesDevices: true,
  },
  slurm: {
    check: slurmScript,
    write: async (sweep) => `sbatch ${quoted(shownPath(await writeSlurm(sweep)))}`,
    takesDevices: false,
  },
  katib: {
    check: katibManifest,
    write: async (sweep) => `kubectl apply -f ${quoted(shownPath(await writeKatib(sweep)))}`,
    takesDevices: false,
  },
};
