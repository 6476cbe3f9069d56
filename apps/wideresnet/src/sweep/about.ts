/** What a sweep can be handed to, by name, with what it does. */
export const engines = {
  optuna: { about: 'draws trials by what the ones before came to, and runs them here' },
  parallel: { about: 'GNU parallel: runs a grid or random trials, here or on hosts by ssh' },
  slurm: { about: 'writes the job array of a grid or of random trials, for sbatch' },
  katib: { about: 'writes an experiment for Kubernetes, for kubectl' },
} as const;

/** The name of an engine. */
export type EngineName = keyof typeof engines;
