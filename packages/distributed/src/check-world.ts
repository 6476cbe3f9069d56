import { refusal } from '@steppe/check';
import type { World } from './world.ts';

/** Refuses what is no world, of which so many members are used. */
export function checkWorld(world: unknown, ...members: readonly (keyof World)[]): void {
  const given = Object(world);
  const isThere = (member: keyof World): boolean =>
    typeof given[member] === (member === 'rank' || member === 'size' ? 'number' : 'function');
  if (!members.every(isThere)) throw refusal('world', 'made by world()', world);
}
