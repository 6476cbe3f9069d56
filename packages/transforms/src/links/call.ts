/** The call that made something, as data: cheap to carry in a page, and text when somebody asks for it. */
export type Call = { readonly name: string; readonly args: readonly unknown[] };

/** Gives a link its name, and the call that makes it. */
export const call = (name: string, ...args: readonly unknown[]): { readonly name: string; readonly made: Call } => ({
  name,
  made: { name, args },
});
