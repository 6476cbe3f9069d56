// The thread of `steppe train --watch`: serves the page of one run and says where.
import { parentPort, workerData } from 'node:worker_threads';
import { makeFolder } from '@steppe/files';
import { serve } from '@steppe/watch';

const tell = (text: string): void => parentPort?.postMessage(text);
const folder: unknown = workerData;
if (typeof folder !== 'string') throw new Error('The folder of the run is missing.');
// The run makes it too, in a moment.
makeFolder(folder);
const { url } = await serve(folder, { warn: tell });
tell(`Watch it at ${url} while it trains.`);
