// Writes packages/autograd/gradients/register.js: the gradients of the installed tfjs-core as one file that Node can
// import. tfjs-core keeps them in modules without extensions, which Node refuses, and in none of its bundles. In the
// file everything that tfjs-core exports is imported from it, by identity, so that only the gradients and their few
// private helpers are copied.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
const core = dirname(require.resolve('@tensorflow/tfjs-core/package.json'));
const entry = join(core, 'dist/register_all_gradients.js');
const file = fileURLToPath(new URL('../../packages/autograd/gradients/register.js', import.meta.url));

/** The modules that the gradients import, with every name that they export and where the public interface has it, if it
 * does. */
async function publicNames() {
  const { metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    mainFields: ['module', 'main'],
  });
  const inputs = Object.keys(metafile.inputs).filter((input) => input.includes('tfjs-core/dist/'));
  const modules = inputs.map((input) => realpathSync(input));
  const contents = [
    `import * as core from ${JSON.stringify(join(core, 'dist/index.js'))};`,
    ...modules.map((path, i) => `import * as m${i} from ${JSON.stringify(path)};`),
    `const modules = [${modules.map((_, i) => `m${i}`).join()}];`,
    'const spaces = Object.entries(core).filter(([, value]) => Object.prototype.toString.call(value) === "[object Object]");',
    'const home = (name, value) => {',
    '  if (value === core.engine()) return "engine()";',
    '  if (Object.is(core[name], value)) return name;',
    '  if (name === "getGlobalTensorClass" && value() === core.Tensor) return "Tensor => Tensor";',
    '  const space = spaces.find(([, inside]) => name in inside && Object.is(inside[name], value));',
    '  return space && [space[0], name].join(".");',
    '};',
    'const homes = modules.map((module) =>',
    '  Object.entries(module).map(([name, value]) => [name, home(name, value)]));',
    'console.log(JSON.stringify(homes, (_, value) => value ?? null));',
  ].join('\n');
  const folder = mkdtempSync(join(core, '.steppe-gradients-'));
  try {
    const outfile = join(folder, 'homes.mjs');
    const banner = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;
    const stdin = { contents, resolveDir: core };
    await build({
      stdin,
      bundle: true,
      platform: 'node',
      mainFields: ['module', 'main'],
      format: 'esm',
      outfile,
      banner: { js: banner },
    });
    // In a process of its own: tfjs keeps its engine and classes on the global object.
    const homes = JSON.parse(execFileSync(process.execPath, [outfile], { encoding: 'utf8' }));
    return new Map(modules.map((path, i) => [path, homes[i]]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const rootOf = (home) => home.split(/[.( ]/)[0];
/** The value of a home, in terms of its imported root; `A => A` is a function that gives A. */
const expressionOf = (home) => (home.includes('=>') ? `() => $${rootOf(home)}` : `/* @__PURE__ */ (() => $${home})()`);

/** A module of tfjs-core in terms of the public interface; what that lacks comes from the module itself. */
function moduleOf(path, exports) {
  const inside = exports.filter(([, home]) => home === null).map(([name]) => name);
  const outside = exports.filter(([, home]) => home !== null);
  const roots = [...new Set(outside.map(([, home]) => rootOf(home)))];
  return [
    ...roots.map((root) => `import { ${root} as $${root} } from 'core:public';`),
    ...outside.map(([name, home]) =>
      home === name ? `export { ${name} } from 'core:public';` : `export const ${name} = ${expressionOf(home)};`,
    ),
    ...(inside.length > 0 ? [`export { ${inside.join()} } from ${JSON.stringify(`inside:${path}`)};`] : []),
  ].join('\n');
}

/** Code whose one import names only what the rest uses, a name a line. */
function withUsedImports(code) {
  const [whole, list] = code.match(/^import \{ (.*) \} from "@tensorflow\/tfjs-core";\n/m);
  const rest = code.replace(whole, '');
  const words = new Set(rest.match(/[\w$]+/g));
  const used = list.split(', ').filter((name) => words.has(name.split(' as ').at(-1)));
  return `import {\n${used.map((name) => `  ${name},\n`).join('')}} from '@tensorflow/tfjs-core';\n${rest}`;
}

/** The text of the file, for the tfjs-core that is installed. */
export async function gradientsFile() {
  const names = await publicNames();
  const external = {
    name: 'tfjs-core-outside',
    setup({ onResolve, onLoad }) {
      const all = [...new Set([...names.values()].flat().flatMap(([, home]) => (home ? [rootOf(home)] : [])))];
      const contents = `export { ${all.sort().join()} } from '@tensorflow/tfjs-core';`;
      onResolve({ filter: /^@tensorflow\/tfjs-core$/ }, ({ path }) => ({ path, external: true, sideEffects: false }));
      onResolve({ filter: /^core:public$/ }, ({ path }) => ({ path, namespace: 'core', sideEffects: false }));
      onLoad({ filter: /./, namespace: 'core' }, () => ({ contents, resolveDir: core }));
      onResolve({ filter: /^inside:/ }, ({ path }) => ({
        path: path.slice('inside:'.length),
        namespace: 'inside',
        sideEffects: false,
      }));
      onLoad({ filter: /./, namespace: 'inside' }, ({ path }) => ({
        contents: readFileSync(path, 'utf8'),
        resolveDir: dirname(path),
      }));
      onLoad({ filter: /\.js$/, namespace: 'file' }, ({ path }) => {
        const exports = names.get(realpathSync(path)) ?? [];
        return exports.some(([, home]) => home !== null)
          ? { contents: moduleOf(path, exports), resolveDir: core }
          : null;
      });
    },
  };
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2020',
    charset: 'utf8',
    legalComments: 'none',
    plugins: [external],
    logLevel: 'error',
  });
  const { version } = JSON.parse(readFileSync(join(core, 'package.json'), 'utf8'));
  const license = readFileSync(entry, 'utf8').match(/\/\*\*[\s\S]*?\*\//)[0];
  // What a user, or @tensorflow/tfjs, registered before this is loaded stays.
  const code = withUsedImports(outputFiles[0].text.replace(/^\/\/ .*\n+/gm, ''))
    .replace('  registerGradient,\n', '  getGradient,\n  registerGradient,\n')
    .replace(
      '  registerGradient(gradientConfig);',
      '  if (getGradient(gradientConfig.kernelName) === undefined) registerGradient(gradientConfig);',
    );
  return `${license}\n// From @tensorflow/tfjs-core ${version}, by tools/gradients/make.mjs; not edited by hand.\n${code}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(file, await gradientsFile());
}
