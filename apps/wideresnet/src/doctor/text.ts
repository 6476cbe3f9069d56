import { formatDevices } from '@steppe/backends';
import type { Diagnosis } from './diagnose.ts';

const indent = ' '.repeat(10);

/** Words in lines of at most 108 characters. */
function wrapped(words: readonly string[]): readonly string[] {
  return words.reduce<string[]>((lines, word) => {
    const line = lines.at(-1);
    if (line === undefined || line.length + word.length >= 108) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
    return lines;
  }, []);
}

/** All that is known of one device: a line for each fact. */
function describeDetails({ details }: Diagnosis): readonly string[] {
  return Object.entries(details).flatMap(([name, value]) => {
    if (typeof value !== 'object') return [`${indent}${name}: ${value}`];
    return [
      `${indent}${name} (${value.length}):`,
      ...wrapped(value.join(', ').split(' ')).map((line) => `${indent}  ${line}`),
    ];
  });
}

/** The table of devices; one that was asked for by name with all that is known of it. */
export function describeAll(diagnoses: readonly Diagnosis[]): readonly string[] {
  const lines = formatDevices(diagnoses).split('\n');
  const [only, ...others] = diagnoses;
  if (only && others.length === 0) return [...lines, ...describeDetails(only)];
  const { kernelsInJavaScript = [], steps } = diagnoses.find(({ name }) => name === 'native')?.details ?? {};
  if (typeof kernelsInJavaScript !== 'object') return lines;
  const told = [
    ...(steps ? [`steps on native are ${steps}; steppe train --eager makes them kernel by kernel.`] : []),
    ...(kernelsInJavaScript.length === 0
      ? []
      : [
          `native runs ${kernelsInJavaScript.length} kernels in JavaScript: steppe doctor --backend native lists them.`,
        ]),
  ];
  return told.length === 0 ? lines : [...lines, '', ...told];
}

/** A number with three digits that mean something. */
const threeDigits = (n: number): string =>
  n >= 100 ? Math.round(n).toLocaleString('en-US') : String(Number(n.toPrecision(3)));

/** A line on how fast a device is. */
export function describeBenchmark({ name, benchmark }: Diagnosis): string {
  if (benchmark === undefined) return `${name.padEnd(8)}not measured`;
  if ('failed' in benchmark) return `${name.padEnd(8)}could not be measured: ${benchmark.failed}`;
  const { imagesPerSecond, batch, gradients, secondsPerGradient } = benchmark;
  const each =
    secondsPerGradient < 1 ? `${threeDigits(1000 * secondsPerGradient)} ms` : `${threeDigits(secondsPerGradient)} s`;
  return `${name.padEnd(8)}${threeDigits(imagesPerSecond).padStart(7)} images/s   batch ${batch}, ${each} each, mean of ${gradients}`;
}

/** What `steppe train` would do. */
export function describeChoice(diagnoses: readonly Diagnosis[]): string {
  const reached = diagnoses.find(({ available, crashed, mistaken }) => available || crashed || mistaken);
  const usable = diagnoses.find(({ available }) => available);
  if (!usable) return 'No device works.';
  if (reached?.mistaken)
    return `steppe train stops at ${reached.name}: ${reached.command}, or --backend ${usable.name}.`;
  if (reached !== usable)
    return `steppe train would try ${reached?.name} first and end like it: choose with --backend ${usable.name}.`;
  return `steppe train uses ${usable.name}; --backend <name> chooses another.`;
}
