#!/usr/bin/env node
import { main } from './commands/main.ts';
import { stopOnBrokenPipe } from './report/broken-pipe.ts';
import { endOnFailingDisk } from './report/failing-disk.ts';

stopOnBrokenPipe();
endOnFailingDisk();
process.exitCode = await main(process.argv.slice(2));
