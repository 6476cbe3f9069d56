import type { NetworkEntry } from './entry.ts';
import { wideresnet } from './wideresnet.ts';

/** The networks that can be trained, by name: adding one here is all that it takes. */
export const networks = { wideresnet } as const satisfies { readonly [name: string]: NetworkEntry };
