// What SAM weighs in a page, without tfjs: bundles of some links, and what goes with each module of the smallest chain
// with samTransform.
//   npm run build && node tools/bench/bundle.mjs [--keep]
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { keep, table } from './report.mjs';

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const smallest = ['chain', 'samTransform', 'scale'];
const bundles = [
  ['chain'],
  ['chain', 'scale'],
  ['chain', 'perturbBy', 'epsilonHat', 'scale'], // SAM in four lines: docs/how-sam-is-built.md
  smallest,
  ['sam', 'momentum', 'cosineDecay', 'microBatch', 'clipByGlobalNorm', 'addDecayedWeights'],
];
/** What is left out of the smallest chain, module by module, with what only it needs. */
const modules = {
  'second-order': '`order: 2`',
  'project-onto-ball': '`steps`',
  'epsilon-hat': 'ε̂ for every p',
  'whole-tree': 'whole trees in one call',
  certificate: '`certificate`',
  adaptive: '`adaptive`',
  select: '`perturb`',
};

/** A module of the same exports that does nothing. */
const empty = (text) =>
  [...text.matchAll(/^export (?:function|const) (\w+)/gm)]
    .map(([, name]) => `export const ${name} = () => {};`)
    .join('');

async function weigh(names, without) {
  const plugin = {
    name: 'without',
    setup({ onLoad }) {
      if (without)
        onLoad({ filter: new RegExp(`/${without}\\.js$`) }, async ({ path }) => ({
          contents: empty(await readFile(path, 'utf8')),
        }));
    },
  };
  const { outputFiles } = await build({
    stdin: { contents: `export { ${names.join()} } from '@steppe/transforms';`, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    format: 'esm',
    external: ['@tensorflow/*'],
    plugins: [plugin],
    write: false,
  });
  const [{ contents }] = outputFiles;
  return { minified: contents.length, brotli: brotliCompressSync(contents).length };
}

const rows = [];
for (const names of bundles) {
  const { minified, brotli } = await weigh(names);
  rows.push({ 'what is imported': names.map((name) => `\`${name}\``).join(' '), minified, brotli });
}
const whole = await weigh(smallest);
const parts = [];
for (const [module, part] of Object.entries(modules)) {
  const { minified, brotli } = await weigh(smallest, module);
  parts.push({ part, module, minified: whole.minified - minified, brotli: whole.brotli - brotli });
}
const text = `Bytes, by esbuild.\n\n${table(rows)}\n\nOf \`chain\`, \`samTransform\` and \`scale\` go with\n\n${table(parts)}`;
console.log(text);
if (values.keep) keep('bundle', 'Size in a page, without tfjs', text, 'node tools/bench/bundle.mjs');
