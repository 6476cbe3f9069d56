import { defineConfig } from 'vitest/config';
import { closingLine } from './tools/vitest/closing-line.ts';

const conditions = ['@steppe/source', 'module', 'node'];
const ssr = { resolve: { conditions, externalConditions: conditions } };
const shared = {
  setupFiles: ['tools/vitest/setup.ts'],
  // Ends what hangs; it does not judge speed: beside others a test takes several times as long as alone.
  testTimeout: 240_000,
  // The first that asks for what is built builds all of it.
  hookTimeout: 300_000,
  // On a machine that others use a page, a process or a disk may be late; the run's end names what needed its second try.
  retry: process.env.CI ? 1 : 0,
};

/**
 * Test files that want a process of their own: they choose its device or count what it holds, hold what the first import
 * or call does, start WebGPU or a browser, whose drivers may take a process down, or want the kernels as tfjs has them, which
 * `correctCpu` corrects for the whole process, or load the packages anew.
 */
const alone = [
  'apps/playground/test/*.test.ts',
  'packages/**/webgpu{,/**/*}.test.ts',
  'packages/watch/test/{page,screenshots}.test.ts',
  'packages/autograd/test/{second-derivatives,self-check}.test.ts',
  'packages/backends/test/{*,devices/*,platform/*}.test.ts',
  'packages/backends/test/wasm/{heap,register}.test.ts',
  'packages/conformance/test/*.test.ts',
  'packages/kernels/test/*.test.ts',
  'packages/models/test/layers/one-example.test.ts',
  'packages/native/test/**/*.test.ts',
  'packages/train/test/soak.test.ts',
  'packages/tree/test/algebra/norm.test.ts',
  'tools/test/*.test.ts',
];

export default defineConfig({
  test: {
    reporters: ['default', closingLine],
    // Every core: much of a test's time its process waits, for a disk, a page or a child. Here and not in the projects,
    // so that --maxWorkers overrides it.
    maxWorkers: '100%',
    projects: [
      { ssr, test: { ...shared, name: 'alone', include: alone } },
      {
        ssr,
        test: {
          ...shared,
          name: 'together',
          include: ['{packages,apps}/*/test/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...alone],
          // The files of a worker share its modules: importing them anew for each took longer than most tests.
          isolate: false,
        },
      },
    ],
  },
});
