/** What people should know of a measure before they read its number. */
export type About = {
  /** The function that measures it. */
  readonly name: string;
  /** What it measures, in one sentence. */
  readonly sentence: string;
  readonly formula: string;
  /** Under which changes of the network, that leave what it computes, it stays the same. */
  readonly invariant: string;
  /** In passes over the examples. */
  readonly cost: string;
  /** What it does not tell. */
  readonly silent: string;
};
