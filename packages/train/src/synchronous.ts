/** Refuses what an asynchronous function returns: its tensors are freed before the promise gives them. */
export function checkSynchronous(name: string, result: unknown): void {
  if (!(result instanceof Promise)) return;
  // It may reject later, which would end a Node process.
  result.catch(() => null);
  throw new Error(`${name} returned a promise: make it a synchronous function, without async and await.`);
}
