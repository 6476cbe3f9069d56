import { join } from 'node:path';
import { writeAtomically } from '@steppe/files';
import { stringify } from 'yaml';
import { CommandError } from '../../commands/exit-codes.ts';
import { quoted } from '../../commands/shell.ts';
import { isList, type Numbers } from '../space.ts';
import type { Values } from '../spec.ts';
import { fixedOf, type Sweep } from '../sweep.ts';
import { optionWords, textOf } from '../trial.ts';

const runs = '/runs';

/** What Katib calls what an option is tried at; its numbers are text. */
function parameter([name, choices]: readonly [string, Values | Numbers]): object {
  if (isList(choices)) {
    const isNumeric = choices.every((value) => typeof value === 'number' && Number.isFinite(value));
    return {
      name,
      parameterType: isNumeric ? 'discrete' : 'categorical',
      feasibleSpace: { list: choices.map(textOf) },
    };
  }
  const { low, high, log, step, whole } = choices;
  const feasibleSpace = {
    min: String(low),
    max: String(high),
    ...(step !== undefined && { step: String(step) }),
    ...(log && { distribution: 'logUniform' }),
  };
  return { name, parameterType: whole ? 'int' : 'double', feasibleSpace };
}

/** Katib puts values into the text of the command as they are: only what a shell reads as one word may be searched. */
function checkWords({ space, file }: Sweep): void {
  for (const [option, choices] of Object.entries(space)) {
    const odd = isList(choices) ? choices.map(textOf).find((text) => quoted(text) !== text || text === '') : undefined;
    if (odd !== undefined)
      throw new CommandError(
        `search.${option} in ${file} must hold words without blanks and quotes for Katib, got ${JSON.stringify(odd)}.`,
      );
  }
}

/** The command of a trial: Katib runs it by a shell and reads the metric from what it prints. */
function commandOf({ spec, space }: Sweep): string {
  const fixed = ['steppe', 'train', ...optionWords(fixedOf(spec))].map(quoted);
  const searched = Object.keys(space).map((name) => `--${name}=\${trialParameters.${name}}`);
  return [...fixed, ...searched, `--out=${runs}/\${trialParameters.trialName}`, '--resume=auto'].join(' ');
}

/**
 * The manifest of a Katib experiment (`kubeflow.org/v1beta1`), whose trials are Jobs.
 *
 * A pod that fails is followed by another one of the same trial, which goes on in the same folder where a volume claim
 * keeps it. The metric is what the last line says: without `latest` Katib takes the best one ever printed.
 */
export function katibManifest(sweep: Sweep): object {
  const { spec, space, name, grid, jobs, trials, file } = sweep;
  if (spec.katib === undefined)
    throw new CommandError(`${file} must say the image that the trials run in, such as "katib: { image: ... }".`);
  checkWords(sweep);
  const { image, namespace, claim, gpus, algorithm = grid === undefined ? 'tpe' : 'grid' } = spec.katib;
  const own = spec.katib.name ?? name;
  if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(own) || own.length > 40)
    throw new CommandError(`Katib cannot name an experiment ${own}: say "katib: { name: ... }" in ${file}.`);
  const container = {
    name: 'trial',
    image,
    command: ['sh', '-c', commandOf(sweep)],
    ...(gpus > 0 && { resources: { limits: { 'nvidia.com/gpu': String(gpus) } } }),
    volumeMounts: [{ name: 'runs', mountPath: runs }],
  };
  const volume = claim === undefined ? { emptyDir: {} } : { persistentVolumeClaim: { claimName: claim } };
  const trialSpec = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    spec: {
      backoffLimit: spec.retries,
      template: { spec: { containers: [container], restartPolicy: 'Never', volumes: [{ name: 'runs', ...volume }] } },
    },
  };
  const references = Object.keys(space).map((option) => ({ name: option, reference: option }));
  return {
    apiVersion: 'kubeflow.org/v1beta1',
    kind: 'Experiment',
    metadata: { name: own, ...(namespace !== undefined && { namespace }) },
    spec: {
      objective: {
        type: spec.direction,
        objectiveMetricName: spec.metric,
        metricStrategies: [{ name: spec.metric, value: 'latest' }],
      },
      algorithm: { algorithmName: algorithm },
      parallelTrialCount: Math.min(jobs, trials),
      maxTrialCount: trials,
      maxFailedTrialCount: trials,
      parameters: Object.entries(space).map(parameter),
      trialTemplate: {
        primaryContainerName: container.name,
        trialParameters: [...references, { name: 'trialName', reference: `\${trialSpec.Name}` }],
        trialSpec,
      },
    },
  };
}

/** Writes the manifest; gives its name. */
export async function writeKatib(sweep: Sweep): Promise<string> {
  const file = join(sweep.folder, 'katib.yaml');
  await writeAtomically(file, stringify(katibManifest(sweep), { lineWidth: 0 }));
  return file;
}
