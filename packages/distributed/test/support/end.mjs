// Two ranks, the second of which ends some seconds after the first: that neither waits for ever nor ends the other.
import { world } from '@steppe/distributed';

const workers = world({ limit: 60 });
workers.finalize();
if (workers.rank === 1) await new Promise((resolve) => setTimeout(resolve, 4000));
process.stdout.write(`rank ${workers.rank} is done\n`);
