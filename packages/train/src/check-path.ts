import { refusal } from '@steppe/check';

/** Refuses what is no path, such as nothing where a variable of the environment is not set. */
export function checkPath(name: string, path: unknown): void {
  if (typeof path !== 'string' || path === '') throw refusal(name, 'a path', path);
}
