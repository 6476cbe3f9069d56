import { fileURLToPath } from 'node:url';
import { capture, registerNative } from '@steppe/native';
import { addScaled, dispose, leaves, pure, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { accumulate, chain, samTransform, together, trace } from '../src/index.ts';
import { type Batch, batchOf, gradient } from './support/gradients.ts';
import { type Link, registry, secondOrder } from './support/registry.ts';

beforeAll(async () => {
  await registerNative();
  await tf.setBackend('native');
});

type Turn = { readonly params: Tree; readonly state: Tree; readonly report: Tree };
type Turning = (turn: Turn, batch: Batch) => Turn;

/** Enough for every phase of the links to be recorded and replayed. */
const STEPS = 9;

const bitsOf = (tree: Tree): unknown => [
  leaves(tree).map(({ path, leaf }) => [path, leaf.dtype, ...new Uint8Array(leaf.dataSync().slice().buffer)]),
  JSON.stringify(tree, (_, value: unknown) => (value instanceof tf.Tensor ? 'tensor' : value)),
];

const turnOf =
  (link: Link): Turning =>
  ({ params, state }, batch) =>
    pure(() => {
      const [{ value, grads, aux, report }, next] = link.update(gradient, state, params, batch);
      return { params: addScaled(params, -0.1, grads), state: next, report: { value, aux, ...report } };
    });

/** The turns of a loop, each as bits. */
function trajectory(link: Link, turn: Turning): unknown[] {
  const params = {
    b: tf.tensor1d([0.3, -0.2]),
    kernel: {
      w: tf.tensor2d([
        [1, -2],
        [0.5, 3],
      ]),
    },
  };
  let now: Turn = { params, state: link.init(params), report: null };
  const seen: unknown[] = [];
  try {
    for (let i = 0; i < STEPS; i++) {
      const batch = batchOf([0.5, -1, 2, 0.25, i / 8]);
      try {
        const next = turn({ ...now, report: null }, batch);
        dispose(now);
        now = next;
      } finally {
        dispose(batch);
      }
      seen.push(bitsOf(now));
    }
    return seen;
  } finally {
    dispose(now);
  }
}

/** The links that need a Hessian, by their exports where it is one. */
const ofOrderTwo = secondOrder.map((link, i) => {
  const name = link.name && link.name !== 'samTransform' ? link.name : `order 2`;
  return { name: `${name} (${i + 1})`, link };
});
const second = Object.entries(registry).flatMap(([name, links]) =>
  links
    .slice(0, 2)
    .slice(-1)
    .map((link) => ({ name: `${name} (2)`, link })),
);
const all = [...second, ...ofOrderTwo];

/** What capturing each of them came to, for the table of docs/captured.md. */
const rows: { readonly name: string; readonly recordings: number; readonly replays: number; readonly why: string }[] =
  [];

/** The name of an export, of the only instance that is tried of it. */
const exported = (name: string): string => name.replace(/ \(\d+\)$/, '');

test.each(all)(
  '$name gives the same bits captured as it does step by step, and leaves nothing behind',
  ({ name, link }) => {
    const before = tf.memory().numTensors;
    const captured = capture(turnOf(link), { warmup: 0 });
    let why = '';
    try {
      expect(trajectory(link, captured)).toEqual(trajectory(link, turnOf(link)));
    } catch (error) {
      if (!(error instanceof Error && error.name === 'CaptureError')) throw error;
      why = error.message;
    } finally {
      rows.push({ name: exported(name), recordings: captured.recordings, replays: captured.replays, why });
      captured.dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
    expect(why).toBe('');
  },
);

test('batches that are put together for accumulate are captured, bit by bit', () => {
  const link = chain(samTransform(0.1), accumulate() as never, trace(0.9)) as Link;
  const turn = turnOf(link);
  const split: Turning = (now, batch) => turn(now, together([batch, batch]) as Batch);
  const captured = capture(split, { warmup: 0 });
  expect(trajectory(link, captured)).toEqual(trajectory(link, split));
  rows.push({ name: 'accumulate', recordings: captured.recordings, replays: captured.replays, why: '' });
  captured.dispose();
});

test('docs/captured.md lists every link by how its steps are made', async () => {
  const named = new Map<string, (typeof rows)[number]>();
  for (const row of rows) named.set(row.name, row);
  const body = [...named.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, recordings, replays, why }) => `| \`${name}\` | ${why || recordings} | ${STEPS - replays} |`);
  const head = '| link | recordings | steps of its own |\n| --- | --- | --- |';
  const file = fileURLToPath(new URL('../../../docs/captured.md', import.meta.url));
  await expect(`${intro}\n${head}\n${body.join('\n')}\n`).toMatchFileSnapshot(file);
});

const intro = `# What is captured, and what is promised

\`train\` records a step on the backend \`native\` and replays it by one call of C; the app does so with its evaluations
by \`replayed\` of \`@steppe/train\`, and \`capture\` of \`@steppe/native\` with any function of tensors. What a recording holds
is never taken on trust:

- **Refused while it is recorded**, by the name of the link and the kernel: a kernel that runs in JavaScript, a
  value that is read back (\`dataSync\`, \`data\`, \`array\`), a \`tf.variable\`, random numbers that the host draws from a
  key.
- **Refused before it serves a second call**: what is another one when the function is recorded a second time, with
  other random keys: a tensor or an attribute made of numbers of the host (\`tf.scalar(i++)\`, \`tf.randomNormal\`,
  \`Math.random()\`), a tensor from outside, a plain value in the result, another list of kernels. The first call is
  right whatever the function does: it is made as it is, or by what was recorded of that very call.
- **Found later, and told**: a number of the host that stays the same at both and changes afterwards. JavaScript
  does not say where a number comes from, so that \`tf.mul(x, rate)\` with a \`rate\` that is set from outside looks
  like one with a constant, and is replayed with the old number. The function is run beside its recording at the
  15th replay, the 240th, then every 512, at \`check()\` and at the end of \`train\`: the error says how many replays
  may be wrong, and \`train\` ends with it.
- **Not found**: a number of the host that changes and has changed back at each of these looks, as one that is set
  for a few steps only may. Give the function what changes: a tensor among its arguments, the batch, the model's
  state, a schedule of the optimizer. Those are never constants.

What ranks send to each other is no kernel: \`allReduceMean\` and synchronized batch norm stand in a recording as
callbacks. A replay makes the calls before one, then the callback itself, then those behind it: each rank sends as often
and in the same order as without a recording, whether the others replay or not, and while a step is recorded nothing is
sent. \`ioCallback\` of \`@steppe/kernels\` is the way for work of your own; what it runs and what else decides its work are
compared like all that is recorded. A call of a world from within a step, such as \`workers.allReduce\`, is refused. So is
\`onTwoRanks\`: how much the other rank gives is known when it is there.

Every link of \`@steppe/transforms\` is captured bit by bit. This is a run of ${STEPS} steps of each, as \`train\` records them:
a link whose steps differ by a phase (\`interval\`, \`lookSam\`) has a recording for each. Steps of its own are made
kernel by kernel: the first of each phase but the very first, and with \`handOver\`, \`after\`, \`during\` and
\`lateSam\`, whose state counts the steps, the very first too, by which it is seen what the count is compared with: a
recording holds for all steps on one side of that. Hessian products (\`hvp\` of \`@steppe/autograd\`) and
gradients of order 2 are captured too.
`;
