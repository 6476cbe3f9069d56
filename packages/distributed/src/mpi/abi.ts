import type { LibraryHandle } from 'koffi';
import type { Make } from './launch.ts';

/** What a call of MPI is given: an address or a count, or a handle of the library's own. */
export type Argument = number | bigint | object;

/** The handles of MPI that we use: addresses of objects in OpenMPI, numbers in MPICH. */
export type Handles = {
  /** Their type in a signature of koffi. */
  readonly type: 'void *' | 'int';
  readonly world: Argument;
  readonly types: {
    readonly byte: Argument;
    readonly float: Argument;
    readonly double: Argument;
    readonly int: Argument;
  };
  /** MPI_SUM. */
  readonly sum: Argument;
  /** MPI_STATUS_IGNORE, as an address. */
  readonly noStatus: number;
};

/** The files that the library of each make may be, and the command that installs it. */
export const libraries: Readonly<Record<Make, { readonly files: readonly string[]; readonly install: string }>> = {
  OpenMPI: { files: ['libmpi.so.40'], install: 'apt-get install openmpi-bin' },
  // The second name is that of Intel MPI and MVAPICH.
  MPICH: { files: ['libmpich.so.12', 'libmpi.so.12'], install: 'apt-get install mpich' },
};

/** Which of the two interfaces a library has, whoever started the process. */
function makeOf(library: LibraryHandle): Make {
  try {
    library.symbol('ompi_mpi_comm_world');
    return 'OpenMPI';
  } catch {
    return 'MPICH';
  }
}

/** The handles of a library, by its binary interface. */
export function handlesOf(library: LibraryHandle): Handles {
  if (makeOf(library) === 'MPICH')
    return {
      type: 'int',
      world: 0x44000000,
      types: { byte: 0x4c00010d, float: 0x4c00040a, double: 0x4c00080b, int: 0x4c000405 },
      sum: 0x58000003,
      noStatus: 1,
    };
  const handle = (name: string): Argument => library.symbol(`ompi_mpi_${name}`) as Argument;
  return {
    type: 'void *',
    world: handle('comm_world'),
    types: { byte: handle('byte'), float: handle('float'), double: handle('double'), int: handle('int') },
    sum: handle('op_sum'),
    noStatus: 0,
  };
}
