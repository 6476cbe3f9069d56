/**
 * Takes it as a wish to stop when nobody reads standard output any more (`steppe train | head`): a run then saves and ends as by SIGTERM.
 *
 * Without this Node would end on the spot, with a stack, and hours of training would be lost.
 */
export function stopOnBrokenPipe(): void {
  let gone = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (!gone) process.kill(process.pid, 'SIGTERM');
    gone = true;
  });
}
