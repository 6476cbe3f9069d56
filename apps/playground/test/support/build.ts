import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { build, createLogger, type InlineConfig } from 'vite';

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** A folder that vite made, and what it complained of. */
export type Built = { readonly folder: string; readonly warnings: readonly string[] };

async function built(config: InlineConfig): Promise<Built> {
  const folder = mkdtempSync(join(tmpdir(), 'steppe-playground-'));
  const warnings: string[] = [];
  const logger = createLogger('warn');
  logger.warn = (message) => void warnings.push(message);
  logger.warnOnce = logger.warn;
  await build({
    configFile: fromHere('../../vite.config.ts'),
    customLogger: logger,
    ...config,
    build: {
      outDir: folder,
      emptyOutDir: true,
      ...config.build,
      // How long a busy machine takes is no property of the page.
      rolldownOptions: { ...config.build?.rolldownOptions, checks: { bundlerTimings: false } },
    },
  });
  return { folder, warnings };
}

/** Builds the page as `vite build` does. */
export const buildPage = (): Promise<Built> => built({});

/** Builds the page that runs the packages without any page around them. */
export const buildHarness = (): Promise<Built> => built({ root: fromHere('../harness') });

/** Builds the packages alone, with tfjs and what their installation brings left out. */
export const buildLibrary = (): Promise<Built> =>
  built({
    root: fromHere('../harness'),
    build: {
      lib: { entry: fromHere('../harness/library.ts'), formats: ['es'], fileName: 'library' },
      // By address too: the gradients of tfjs-core are reached through a subpath import.
      rolldownOptions: { external: (id) => /@tensorflow[\\/]/.test(id) },
      minify: true,
    },
  });

/** The files of a folder, by their paths in it. */
export const filesOf = (folder: string): ReadonlyMap<string, Buffer> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length + 1).replaceAll('\\', '/'), readFileSync(path)]),
  );

/** What a server that packs sends. */
export const brotliBytes = (bytes: Buffer): number => brotliCompressSync(bytes).length;
