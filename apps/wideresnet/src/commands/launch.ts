import { readHosts } from '../launch/hosts.ts';
import { launch } from '../launch/launch.ts';
import { findMpi } from '../launch/mpi.ts';
import { print } from '../report/print.ts';
import { resettleWorkers } from '../workers/resettle.ts';
import { settleWorkers } from '../workers/settle.ts';
import { Command, quiet } from './command-line.ts';
import { CommandError } from './exit-codes.ts';
import type { LaunchWords } from './launch-words.ts';
import { addTrain, type TrainRequest } from './train-words.ts';

/** A number that a word of the command says. */
function numberOf(name: string, text: string, least: number): number {
  if (/^\d{1,6}$/.test(text) && Number(text) >= least) return Number(text);
  throw new CommandError(`${name} must be a whole number from ${least} to 999999, got ${text || 'nothing'}.`);
}

/**
 * Reads the words of `steppe train` as each rank will, so that what is wrong is said once and at once.
 *
 * @returns undefined where they ask for help, which was printed.
 */
export async function readWords(words: readonly string[]): Promise<TrainRequest | undefined> {
  if (words[0] !== 'train')
    throw new CommandError(
      `steppe launch starts steppe train, behind two dashes: steppe launch -n 4 -- train --preset fashion, got ${words[0] ?? 'nothing'}.`,
    );
  let request: TrainRequest | undefined;
  const program = quiet(new Command('steppe'));
  addTrain(
    program,
    async (asked) => {
      request = asked;
    },
    () => undefined,
  );
  await program.parseAsync([...words], { from: 'user' });
  return request;
}

/** How many ranks there are: those that are asked for, which must have a place. */
function ranksOf(asked: string | undefined, slots: number): number {
  if (asked === undefined && slots > 0) return slots;
  if (asked === undefined)
    throw new CommandError('-n must say how many processes train together, such as one for each GPU: -n 8.');
  const ranks = numberOf('-n', asked, 1);
  if (slots > 0 && ranks > slots)
    throw new CommandError(`-n must be at most ${slots}, the slots of --hosts, got ${ranks}.`);
  return ranks;
}

/** Runs `steppe launch`. */
export async function launchCommand(
  words: readonly string[],
  { ranks: asked, hosts: file, maxRestarts = '0', mpirun }: LaunchWords,
): Promise<number> {
  const restarts = numberOf('--max-restarts', maxRestarts, 0);
  const hosts = file === undefined ? [] : await readHosts(file);
  const ranks = ranksOf(
    asked,
    hosts.reduce((sum, { slots }) => sum + slots, 0),
  );
  const request = await readWords(words);
  if (request === undefined) return 0;
  const { options } = request.resolved;
  await (request.resumes ? resettleWorkers : settleWorkers)(options, { size: ranks });
  if (restarts > 0 && options.out === undefined)
    throw new CommandError('--max-restarts goes on with the run in --out: name that folder behind train.');
  const mpi = findMpi(mpirun);
  return launch({ mpi, ranks, hosts, words }, restarts, (text) => print(process.stderr, text));
}
