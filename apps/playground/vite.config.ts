import { defaultClientConditions, defineConfig } from 'vite';
import { servedFiles } from './build/served-files.ts';

export default defineConfig({
  // Relative addresses: the page works in any folder of any static server.
  base: './',
  root: import.meta.dirname,
  plugins: [servedFiles()],
  resolve: { conditions: ['@steppe/source', ...defaultClientConditions] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    // tfjs is larger than the limit that vite warns of; the test has a budget.
    chunkSizeWarningLimit: 2000,
  },
  preview: { host: '127.0.0.1', port: 4173 },
});
