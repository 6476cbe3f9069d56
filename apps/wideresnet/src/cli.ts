#!/usr/bin/env node
import { main } from './commands/main.ts';
import { endOnFailingDisk } from './report/failing-disk.ts';
import { outliveOutput } from './report/lost-output.ts';

outliveOutput();
endOnFailingDisk();
const code = await main(process.argv.slice(2));
process.exitCode = code === 0 ? process.exitCode : code;
