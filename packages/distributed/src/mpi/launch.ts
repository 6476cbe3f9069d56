/** The two binary interfaces of MPI: that of OpenMPI, and that of MPICH, which Intel MPI and MVAPICH share. */
export type Make = 'OpenMPI' | 'MPICH';

/** What started this process as one of several. */
export type Launch = {
  readonly make: Make;
  /** How many processes it started; undefined where it does not say. */
  readonly size: number | undefined;
  /** Which of them this one is; undefined where it does not say. */
  readonly rank: number | undefined;
};

type Environment = { readonly [name: string]: string | undefined };

const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;

/**
 * Finds out from the environment what started this process: `mpirun` of one make or the other, or `srun`; undefined for
 * a process that runs alone.
 *
 * @throws When `srun` started several processes and told them nothing of each other.
 */
export function launchOf(env: Environment): Launch | undefined {
  const tasks = numberOf(env.SLURM_STEP_NUM_TASKS);
  if (env.OMPI_COMM_WORLD_SIZE !== undefined) {
    const [size, rank] = [env.OMPI_COMM_WORLD_SIZE, env.OMPI_COMM_WORLD_RANK].map(numberOf);
    return { make: 'OpenMPI', size, rank };
  }
  if (env.PMIX_RANK !== undefined) return { make: 'OpenMPI', size: tasks, rank: numberOf(env.PMIX_RANK) };
  if (env.PMI_RANK !== undefined)
    return { make: 'MPICH', size: numberOf(env.PMI_SIZE) ?? tasks, rank: numberOf(env.PMI_RANK) };
  if (tasks !== undefined && tasks > 1)
    throw new Error(
      `srun started ${tasks} processes that cannot find each other: srun --mpi=pmix for OpenMPI, srun --mpi=pmi2 for MPICH.`,
    );
  return undefined;
}
