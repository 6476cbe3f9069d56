/**
 * Notes on the error of a capture that refuses what a link does which link it is: the innermost, which is the first to
 * see the error.
 *
 * @returns The error itself.
 */
export function refusedIn(link: string, error: unknown): unknown {
  if (error instanceof Error && error.name === 'CaptureError' && !('link' in error)) Object.assign(error, { link });
  return error;
}
