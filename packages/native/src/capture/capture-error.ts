/** A function that cannot be captured, with what in it cannot be replayed; it works as it is. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';

  constructor(what: string) {
    super(`The function cannot be captured: ${what}. Call it as it is.`);
  }
}
