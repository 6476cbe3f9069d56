import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fc, test as property } from '@fast-check/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { quoted } from '../../src/commands/shell.ts';
import { steppe } from '../support/capture.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'steppe sweep '));
});
afterAll(() => rm(root, { recursive: true }));

/** Writes what an engine reads and gives it. */
async function written(engine: string, file: string, text: string): Promise<string> {
  const [spec, out] = [join(root, `${engine}.yaml`), join(root, engine)];
  await writeFile(spec, text);
  const { code, err } = await steppe('sweep', spec, '--engine', engine, '--out', out, '--dry-run');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return readFile(join(out, file), 'utf8');
}

property.prop([fc.array(fc.string({ unit: 'grapheme-ascii' }), { minLength: 1, maxLength: 4 })], { numRuns: 20 })(
  'A shell reads every word as it was',
  (words) => {
    const out = execFileSync('sh', ['-c', `printf '%s\\n.' ${words.map(quoted).join(' ')}`], { encoding: 'utf8' });
    expect(out).toBe(words.map((word) => `${word}\n.`).join(''));
  },
);

const fixed = 'options: { preset: fashion, validation: 0.1, download: false, data: "my images" }';

test('The commands are a line for each trial, whose words a shell gives to steppe train, in a folder by its number', async () => {
  const text = await written('parallel', 'commands.txt', `${fixed}\nsearch: { rho: [0.1, 0.2], p: [2, .inf] }`);
  const lines = text.trimEnd().split('\n');
  expect(lines).toHaveLength(4);
  const [, last = ''] = [lines[0], lines[3]];
  // The words in the place of the program that they are for.
  const words = execFileSync('sh', ['-c', `set -- ${last.split(' >> ')[0]}; printf '%s\\n' "$@"`], {
    encoding: 'utf8',
  });
  const folder = join(root, 'parallel', 'trial-0003');
  expect(words.trimEnd().split('\n').slice(2)).toEqual([
    'train',
    '--compare=none',
    '--preset=fashion',
    '--validation=0.1',
    // Whoever runs it may stand elsewhere.
    `--data=${resolve('my images')}`,
    '--rho=0.2',
    '--p=Infinity',
    `--out=${folder}`,
    '--resume=auto',
  ]);
  expect(last.endsWith(` >> '${folder}.log' 2>&1`)).toBe(true);
});

test('The script for Slurm is one that bash reads, with a task for each trial and the words of the file', async () => {
  const slurm = 'slurm: { partition: gpu, gres: "gpu:1", time: "24:00:00", comment: two words, exclusive: true }';
  const text = await written(
    'slurm',
    'sweep.sbatch',
    `${fixed.replace(', data: "my images"', '')}\nsearch: { rho: paper }\njobs: 2\n${slurm}`,
  );
  execFileSync('bash', ['-n', join(root, 'slurm', 'sweep.sbatch')]);
  const words = text.split('\n').flatMap((line) => (line.startsWith('#SBATCH ') ? [line.slice(8)] : []));
  expect(words).toEqual([
    '--job-name=slurm',
    '--array=0-5%2',
    `--chdir=${process.cwd()}`,
    `--output="${join(root, 'slurm', 'slurm-%A_%a.log')}"`,
    '--open-mode=append',
    '--requeue',
    '--signal=USR1@120',
    '--partition=gpu',
    '--gres=gpu:1',
    '--time=24:00:00',
    '--comment="two words"',
    '--exclusive',
  ]);
});

test('A task of the job array runs the trial of its number, and asks to be queued again when it ends with 75', async () => {
  // Slurm's own srun and scontrol are not here without a cluster: sh stands for what they do with their words.
  const script = await readFile(join(root, 'slurm', 'sweep.sbatch'), 'utf8');
  const commands = join(root, 'slurm', 'commands.txt');
  await writeFile(commands, `${[0, 1, 2].map((n) => `sh -c 'echo trial ${n}; exit 75'`).join('\n')}\n`);
  const shell = `srun() { shift; "$@"; }; scontrol() { echo "$@"; }\n${script}`;
  const env = { ...process.env, SLURM_ARRAY_TASK_ID: '1', SLURM_JOB_ID: '42' };
  let out = '';
  try {
    execFileSync('bash', ['-c', shell], { env, encoding: 'utf8' });
  } catch (error) {
    const { status, stdout } = error as { readonly status: number; readonly stdout: string };
    expect(status).toBe(75);
    out = stdout;
  }
  expect(out).toBe('trial 1\nrequeue 42\n');
});

const text = z.string().min(1);
const parameter = z.discriminatedUnion('parameterType', [
  z.strictObject({
    name: text,
    parameterType: z.enum(['double', 'int']),
    feasibleSpace: z.strictObject({
      min: text,
      max: text,
      step: text.optional(),
      distribution: z.enum(['uniform', 'logUniform', 'normal', 'logNormal']).optional(),
    }),
  }),
  z.strictObject({
    name: text,
    parameterType: z.enum(['discrete', 'categorical']),
    feasibleSpace: z.strictObject({ list: z.array(text).min(1) }),
  }),
]);

/** What Katib takes for an experiment: the fields of its v1beta1 types that a sweep uses, and what its webhook asks of
 * them (kubeflow/katib v0.19: pkg/apis/controller/experiments/v1beta1, pkg/webhook/v1beta1/experiment/validator). */
const experiment = z.strictObject({
  apiVersion: z.literal('kubeflow.org/v1beta1'),
  kind: z.literal('Experiment'),
  metadata: z.strictObject({
    name: z
      .string()
      .max(40)
      .regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/),
    namespace: text.optional(),
  }),
  spec: z.strictObject({
    objective: z.strictObject({
      type: z.enum(['minimize', 'maximize']),
      objectiveMetricName: text,
      metricStrategies: z.array(z.strictObject({ name: text, value: z.enum(['min', 'max', 'latest']) })),
    }),
    algorithm: z.strictObject({ algorithmName: text }),
    parallelTrialCount: z.int().min(1),
    maxTrialCount: z.int().min(1),
    maxFailedTrialCount: z.int().min(0),
    parameters: z.array(parameter).min(1),
    trialTemplate: z.strictObject({
      primaryContainerName: text,
      trialParameters: z.array(z.strictObject({ name: z.string().regex(/^[^{}]+$/), reference: text })),
      trialSpec: z.looseObject({ apiVersion: z.literal('batch/v1'), kind: z.literal('Job'), spec: z.looseObject({}) }),
    }),
  }),
});

test('The manifest for Katib has what its types and its webhook ask for, and every parameter is in the command', async () => {
  const search =
    'search: { rho: { low: 0.01, high: 0.5, log: true }, width: { low: 1, high: 4 }, optimizer: [momentum, adamw] }';
  const yaml = await written(
    'katib',
    'katib.yaml',
    `${fixed}\n${search}\ntrials: 9\njobs: 3\nkatib: { image: "steppe:1", claim: runs, gpus: 1, namespace: lab }`,
  );
  const { metadata, spec } = experiment.parse(parse(yaml));
  expect(metadata).toEqual({ name: 'katib', namespace: 'lab' });
  expect(spec.parameters).toEqual([
    { name: 'rho', parameterType: 'double', feasibleSpace: { min: '0.01', max: '0.5', distribution: 'logUniform' } },
    { name: 'width', parameterType: 'int', feasibleSpace: { min: '1', max: '4', step: '1' } },
    { name: 'optimizer', parameterType: 'categorical', feasibleSpace: { list: ['momentum', 'adamw'] } },
  ]);
  const { primaryContainerName, trialParameters, trialSpec } = spec.trialTemplate;
  const template = z.object({
    spec: z.object({
      template: z.object({
        spec: z.object({
          containers: z.tuple([
            z.looseObject({
              name: z.literal(primaryContainerName),
              command: z.tuple([z.literal('sh'), z.literal('-c'), z.string()]),
            }),
          ]),
          restartPolicy: z.enum(['Never', 'OnFailure']),
        }),
      }),
    }),
  });
  const [, , command] = template.parse(trialSpec).spec.template.spec.containers[0].command;
  // As Katib fills them in: by the text of the template alone.
  const values = { rho: '0.05', width: '2', optimizer: 'adamw', trialName: 'katib-x7' };
  const filled = trialParameters.reduce((all, { name, reference }) => {
    expect([...spec.parameters.map((own) => own.name), `\${trialSpec.Name}`]).toContain(reference);
    return all.replaceAll(`\${trialParameters.${name}}`, values[name as keyof typeof values]);
  }, command);
  expect(filled).toBe(
    "steppe train --compare=none --preset=fashion --validation=0.1 '--data=my images' --rho=0.05 --width=2 --optimizer=adamw --out=/runs/katib-x7 --resume=auto",
  );
});
