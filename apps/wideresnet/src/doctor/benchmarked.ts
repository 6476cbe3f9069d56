import type { Models, Network } from '../options/networks/entry.ts';
import { entryOf, ownOf } from '../options/networks/own.ts';
import { wideresnet } from '../options/networks/wideresnet.ts';

const options = ownOf({ network: 'wideresnet', ...wideresnet.smaller.little });

/** What devices are timed on, as people call it. */
export const benchmarked: string = entryOf('wideresnet').title(options);

/** Makes it, for ten classes. */
export const makeBenchmarked = (models: Models): Network => entryOf('wideresnet').make(models, options, 10);
