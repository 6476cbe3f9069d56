/** A function that cannot be captured, with what in it cannot be replayed; it works as it is. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
  /** What cannot be replayed. */
  readonly what: string;
  /** Replays since the function was last seen to do what was recorded, whose results may be wrong. */
  readonly unsure: number;

  constructor(what: string, unsure = 0) {
    const last = unsure === 1 ? 'replay has' : `${unsure} replays have`;
    const since = unsure > 0 ? ` What its last ${last} given may be wrong.` : '';
    super(`The function cannot be captured: ${what}.${since} Call it as it is.`);
    this.what = what;
    this.unsure = unsure;
  }
}
