import { paragraph, terms, widthOf } from '../report/layout.ts';
import { type Command, quiet } from './command-line.ts';
import { exitCodes } from './exit-codes.ts';
import { examples } from './help-text.ts';

/** What the command line of `steppe launch` says, but for the words of `steppe train`. */
export type LaunchWords = {
  readonly ranks?: string;
  readonly hosts?: string;
  readonly maxRestarts?: string;
  readonly mpirun?: string;
};

const help = (width: number): string => `
${paragraph('Each rank is a process with a device of its own, or with its part of the processors. It reads its rows of every batch; --batch is the batch of all of them together. The first rank writes the files and prints.', width)}

${paragraph('As in the paper each rank looks for a worst point of its own: m = batch / ranks. --m with a smaller number makes more of them, --m with the whole batch makes one that all share, and sends two gradients a step in the place of one. One process with the same --m computes the same numbers, bit for bit.', width)}

${terms(
  [
    [
      'hosts',
      'a line for each machine, such as "node1 slots=8"; ssh reaches it without a password, and node, this program and the images are there under the same paths. Files are written on the first one.',
    ],
    [
      'max-restarts',
      'when a rank dies, all are started again, and the run goes on from its last checkpoint. It needs --out.',
    ],
    [
      'Slurm',
      'srun --mpi=pmix steppe train ... needs no launch: ranks find each other. So they do in Kubernetes, by its MPI Operator.',
    ],
  ],
  width,
)}

Examples:
${examples([
  ['steppe launch -n 8 -- train --preset cifar10-paper --data /data --out runs/a', 'eight GPUs of one machine'],
  ['steppe launch -n 4 -- train --backend native', 'four processes that share the processors'],
  [
    'steppe launch --hosts hosts --max-restarts 3 -- train --preset imagenet-resnet50-100 --data /data --out /shared/a',
    'as many ranks as the file has slots',
  ],
])}

${exitCodes(width)}`;

/** Adds `steppe launch` to the commands. */
export function addLaunch(program: Command, finish: (code: number) => void): void {
  quiet(program.command('launch').description('Trains on many devices or machines at once, by MPI.'))
    .usage('-n <ranks> [options] -- train [options of steppe train]')
    .argument('[words...]', 'steppe train and its options, behind --')
    .option('-n, --ranks <n>', 'how many processes train together (as many as --hosts has slots)')
    .option('--hosts <file>', 'the machines that they run on (this one)')
    .option('--max-restarts <n>', 'start all again so often when one dies, from the last checkpoint (0)')
    .option('--mpirun <command>', 'the mpirun of OpenMPI or the mpiexec of MPICH (the one that is found)')
    .addHelpText('after', () => help(widthOf(process.stdout)))
    .action(async (words: readonly string[], said: LaunchWords) => {
      const { launchCommand } = await import('./launch.ts');
      finish(await launchCommand(words, said));
    });
}
