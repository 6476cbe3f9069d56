// Native's side of peer.mjs, in a process of its own for its peak memory: captured steps, as train makes them.
import { createInterface } from 'node:readline';
import { useBackend } from '@steppe/backends';
import { timed } from './settle.mjs';
import { worksOf } from './works.mjs';

const { description } = await useBackend('native');
const say = (answer) => console.log(JSON.stringify(answer));
say({ peer: description });
let run;
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  if (asked.work) {
    const { depth, width, batch, side, channels } = asked;
    const { captured, parameters } = worksOf([depth, width, batch, side, channels].join('-'));
    run = captured[asked.work];
    say({ parameters });
  } else {
    say({ seconds: await timed(run, asked.times), kilobytes: process.resourceUsage().maxRSS });
  }
}
