import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of the page. */
type Asset = { readonly body: string; readonly type: string };

/** All that the page is made of, by path: nothing else is ever served as a file. */
export type Assets = {
  readonly files: ReadonlyMap<string, Asset>;
  /** The page itself. */
  readonly html: string;
  /** What the policy of the page allows beside files of the server: its import map. */
  readonly scriptHash: string;
};

const require = createRequire(import.meta.url);
const inPackage = (name: string, file: string): string => join(dirname(require.resolve(`${name}/package.json`)), file);
const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const script = 'text/javascript; charset=utf-8';
const sheet = 'text/css; charset=utf-8';

/** The modules of other packages that those of the page name: `[name, path, file]`. */
const libraries = [
  ['preact', '/lib/preact.js', inPackage('preact', 'dist/preact.module.js')],
  ['preact/hooks', '/lib/hooks.js', inPackage('preact', 'hooks/dist/hooks.module.js')],
  ['preact/jsx-runtime', '/lib/jsx-runtime.js', inPackage('preact', 'jsx-runtime/dist/jsxRuntime.module.js')],
  ['uplot', '/lib/uplot.js', inPackage('uplot', 'dist/uPlot.esm.js')],
] as const;

const importMap = JSON.stringify({ imports: Object.fromEntries(libraries.map(([name, path]) => [name, path])) });

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Runs · Steppe</title>
<link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="/uplot.css">
<link rel="stylesheet" href="/style.css">
<script type="importmap">${importMap}</script>
<script type="module" src="/page/main.js"></script>
</head>
<body>
<noscript>This page draws runs in JavaScript: turn it on.</noscript>
<div id="app"></div>
</body>
</html>
`;

/** What tsc made of the page's modules; the address is the same from `src` and from `dist`. */
const pageFolder = fromHere('../../dist/page/');

/** Source maps would be asked for by browsers' tools only, and lead to sources that are not served. */
const withoutMap = (code: string): string => code.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');

/** Loads the page into memory. */
export async function loadAssets(): Promise<Assets> {
  const modules = (await readdir(pageFolder)).filter((name) => name.endsWith('.js'));
  const listed: readonly (readonly [path: string, file: string, type: string])[] = [
    ...libraries.map(([, path, file]) => [path, file, script] as const),
    ...modules.map((name) => [`/page/${name}`, join(pageFolder, name), script] as const),
    ['/style.css', fromHere('../../src/page/style.css'), sheet],
    ['/uplot.css', inPackage('uplot', 'dist/uPlot.min.css'), sheet],
    ['/icon.svg', fromHere('../../src/page/icon.svg'), 'image/svg+xml'],
  ];
  const files = await Promise.all(
    listed.map(async ([path, file, type]) => [path, { body: withoutMap(await readFile(file, 'utf8')), type }] as const),
  );
  const scriptHash = `'sha256-${createHash('sha256').update(importMap).digest('base64')}'`;
  return { files: new Map(files), html, scriptHash };
}
