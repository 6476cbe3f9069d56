/** A property of an object that is another one for a while. */
export type Override = { readonly of: object; readonly name: string; readonly value: unknown };

/** Puts a property in the place of what an object has or inherits; gives what takes it away again. */
export function put({ of, name, value }: Override): () => void {
  const own = Object.getOwnPropertyDescriptor(of, name);
  Object.defineProperty(of, name, { value, configurable: true, writable: true, enumerable: own?.enumerable ?? false });
  return () => {
    if (own) Object.defineProperty(of, name, own);
    else Reflect.deleteProperty(of, name);
  };
}

/** Runs a synchronous function while some properties are others, and puts all back, whatever it does: nobody else runs
 * in between, so nobody else sees them. */
export function during<T>(overrides: readonly Override[], f: () => T): T {
  const undo: (() => void)[] = [];
  try {
    for (const override of overrides) undo.unshift(put(override));
    return f();
  } finally {
    for (const restore of undo) restore();
  }
}
