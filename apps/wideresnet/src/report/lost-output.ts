import { exitCode } from '../commands/exit-codes.ts';
import { print } from './print.ts';

/**
 * Lets a program go on when standard output cannot be written: a run is worth more than the lines about it.
 *
 * Who reads (`steppe train | head`) may leave; a full disk or a terminal that is gone loses what was to be read, so the
 * program ends with the code for that when all else went well. One line on standard error tells of it. Without this
 * Node would end on the spot.
 */
export function outliveOutput(): void {
  let isTold = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exitCode ||= exitCode.io;
    if (isTold) return;
    isTold = true;
    const why = error.code === 'EPIPE' ? 'nobody reads it any more' : error.message;
    print(process.stderr, `steppe: standard output cannot be written (${why}); going on without it.`);
  });
  // There is nowhere left to tell of this.
  process.stderr.on('error', () => {});
}
