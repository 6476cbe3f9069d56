#!/usr/bin/env node
import { main } from './commands/main.ts';
import { stopOnBrokenPipe } from './report/broken-pipe.ts';

stopOnBrokenPipe();
process.exitCode = await main(process.argv.slice(2));
