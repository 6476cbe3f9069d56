/** The call that made something, as data: cheap to carry in a page, and text when somebody asks for it. */
export type Call = { readonly name: string; readonly args: readonly unknown[] };

/** Gives a link of this package its name, the call that makes it, and the sign of one that does not turn gradients. */
export const call = (
  name: string,
  ...args: readonly unknown[]
): { readonly name: string; readonly made: Call; readonly sign: 1 } => ({ name, made: { name, args }, sign: 1 });
