import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const { build } = createRequire(import.meta.url)('esbuild');
const here = fileURLToPath(new URL('.', import.meta.url));

/**
 * Bundles tfjs-core's specs with Jasmine and a backend: a CommonJS module for Node, a script that defines `specs` for a
 * page; either has `run`.
 *
 * @param {string} backend - By tfjs's name.
 * @param {boolean} browser - Whether it is for a page.
 * @param {string} outfile - Where it is written to.
 */
export async function bundle(backend, browser, outfile) {
  const setUp = ['./specs/backend.mjs', ...(backend === 'native' ? ['./specs/native.mjs'] : [])];
  const modules = [...setUp, '@tensorflow/tfjs-core/dist/tests'].map((module) => `import '${module}';`);
  await build({
    stdin: { contents: ["export { run } from './specs/jasmine.mjs';", ...modules].join('\n'), resolveDir: here },
    bundle: true,
    ...(browser
      ? { platform: 'browser', format: 'iife', globalName: 'specs', mainFields: ['browser', 'module', 'main'] }
      : { platform: 'node', format: 'cjs', mainFields: ['module', 'main'], external: ['koffi'] }),
    conditions: ['@steppe/source', 'module'],
    ignoreAnnotations: true,
    nodePaths: (process.env.NODE_PATH ?? '').split(':').filter(Boolean),
    define: {
      'process.env.STEPPE_CONFORMANCE_BACKEND': JSON.stringify(backend),
      global: 'globalThis',
      // Every module of the bundle takes itself for this one, from which the C sources and the packages are found.
      'import.meta.url': JSON.stringify(pathToFileURL(join(here, '../../packages/native/src/build/binary.ts')).href),
    },
    logLevel: 'error',
    outfile,
  });
}
