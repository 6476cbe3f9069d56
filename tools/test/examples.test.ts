import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { examples, promisesOf, root } from '../examples/extract.mjs';
import { watchLoops } from '../examples/loops.mjs';
import { packagesBuilt } from '../vitest/packages-built.ts';

type Example = { readonly place: string; readonly code: string };

// Inside the repository, so that the examples resolve packages as a user's project would.
const folder = join(root, 'tools', 'dist', 'examples');
const watched = join(folder, 'watched');
const nameOf = ({ place }: Example): string => `${place.replace(/[^\w]+/g, '_')}.ts`;
/** How many tensors there are at the head of each turn of each loop. */
type Turns = readonly (readonly number[])[];

/** What a turn adds to the tensors there are, at most; the first may fill a cache. */
const growthOf = ([, ...counts]: readonly number[]): number =>
  Math.max(0, ...counts.slice(1).map((count, i) => count - (counts[i] ?? count)));

const found: readonly Example[] = examples();

// Threads that an example starts run what is built.
beforeAll(packagesBuilt);

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(watched, { recursive: true });
  for (const example of found) {
    writeFileSync(join(folder, nameOf(example)), `${example.code}export {};\n`);
    writeFileSync(join(watched, nameOf(example)), watchLoops(example.code));
  }
});

describe('examples in docstrings, READMEs and docs', () => {
  test.each(found)('$place prints what it says', async (example) => {
    await tf.setBackend('cpu');
    const printed: string[] = [];
    const log = vi.spyOn(console, 'log').mockImplementation((...values) => void printed.push(format(...values)));
    let turns: Turns = [];
    try {
      ({ turns } = await import(pathToFileURL(join(watched, nameOf(example))).href));
    } finally {
      log.mockRestore();
    }
    const promised: readonly (string | undefined)[] = promisesOf(example.code);
    const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();
    expect(printed.map((line, i) => (promised[i] === undefined ? undefined : oneLine(line)))).toEqual(promised);
    for (const counts of turns) expect(growthOf(counts), 'tensors that a turn of its loop leaves').toBe(0);
  });

  test('a loop that leaves tensors behind is told from one that does not', async () => {
    await tf.setBackend('cpu');
    const file = join(watched, 'leak.ts');
    const loops = [
      'for (let i = 0; i < 5; i++) tf.ones([1]);',
      'for (const x of [1, 2, 3]) { tf.dispose(tf.ones([x])); }',
    ];
    writeFileSync(file, watchLoops(`import * as tf from '@tensorflow/tfjs';\n${loops.join('\n')}\n`));
    const { turns }: { turns: Turns } = await import(pathToFileURL(file).href);
    expect(turns.map(growthOf)).toEqual([1, 0]);
  });

  test('they all type-check as a user would write them', () => {
    const config = {
      extends: join(root, 'tsconfig.base.json'),
      compilerOptions: {
        noEmit: true,
        composite: false,
        declaration: false,
        declarationMap: false,
        isolatedDeclarations: false,
        rewriteRelativeImportExtensions: false,
        allowImportingTsExtensions: true,
        noUnusedLocals: false,
        types: ['node'],
      },
      include: ['*.ts'],
    };
    const file = join(folder, 'tsconfig.json');
    writeFileSync(file, JSON.stringify(config));
    const check = () =>
      execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', file, '--pretty', 'false'], {
        encoding: 'utf8',
      });
    let output = '';
    try {
      output = check();
    } catch (error) {
      output = (error as { stdout: string }).stdout;
    }
    expect(output).toBe('');
  });
});
