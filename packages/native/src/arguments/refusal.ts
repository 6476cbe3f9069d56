/** An argument that no backend can take. What calls the kernel puts its name before the message. */
export class Refusal extends Error {}

/** The most elements of a tensor, and the largest of its extents: C counts both in 32-bit integers. */
export const mostElements: number = 2 ** 31 - 1;

/** Refuses an argument. @throws When called, always: `what` must be something else than it is. */
export function refuse(what: string, must: string, got: unknown): never {
  throw new Refusal(`${what} must be ${must}, got ${shown(got)}.`);
}

/** A value in an error. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) {
    const shownFirst = value.slice(0, 10).map(shown);
    return `[${value.length > 10 ? [...shownFirst, '...'] : shownFirst}]`;
  }
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
