import { escaped } from './escape.ts';

/** A table of words and numbers. */
export type Table = { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };

/** What a page shows, from top to bottom. */
export type Page = {
  readonly title: string;
  /** One sentence below the title. */
  readonly about: string;
  /** SVG files, the most important one first; none where nothing was measured. */
  readonly charts: readonly string[];
  readonly results: Table;
  /** The options in which the runs differ. */
  readonly differences?: Table | undefined;
  /** Sentences below the results; the address of a page becomes a link. */
  readonly remarks: readonly string[];
  /** A command that repeats what was done. */
  readonly command: string;
  /** What it was made of: pairs of a word and what it stands for. */
  readonly facts: readonly (readonly [word: string, meaning: string])[];
};

const style = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --grid: #dfe4ea; --ground: #f6f8fa; --card: #ffffff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8edf3; --soft: #9aa7b6; --grid: #2c3541; --ground: #0c1015; --card: #12171e; } }
body { margin: 0 auto; max-width: 920px; padding: 28px 20px 48px; color: var(--ink); background: var(--ground);
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; } p { margin: .4rem 0 1rem; }
svg.chart { display: block; width: 100%; height: auto; margin-bottom: 1rem; }
.scroll { overflow-x: auto; margin-bottom: 1rem; }
table { border-collapse: collapse; width: 100%; background: var(--card); }
th, td { padding: .45rem .8rem; border-bottom: 1px solid var(--grid); text-align: right; white-space: nowrap; }
th { color: var(--soft); font-weight: 500; } th:first-child, td:first-child { text-align: left; white-space: normal; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; } dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
pre { overflow-x: auto; padding: .8rem 1rem; background: var(--card); border: 1px solid var(--grid); border-radius: 6px; }
`;

const cells = (tag: 'th' | 'td', texts: readonly string[]): string =>
  `<tr>${texts.map((text) => `<${tag}>${escaped(text)}</${tag}>`).join('')}</tr>`;

const linked = (text: string): string =>
  escaped(text).replace(/https:\/\/[^\s<]*[^\s<.,;:)]/g, (address) => `<a href="${address}">${address}</a>`);

const table = ({ head, rows }: Table): string => `<div class="scroll"><table>
<thead>${cells('th', head)}</thead>
<tbody>
${rows.map((row) => cells('td', row)).join('\n')}
</tbody>
</table></div>`;

/** Makes a page that stands alone: one file without scripts, which loads nothing from anywhere. */
export function htmlPage({ title, about, charts, results, differences, remarks, command, facts }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p>${escaped(about)}</p>
${charts[0] ?? '<p>Nothing was evaluated, so there is no curve.</p>'}
<h2>Results</h2>
${table(results)}
${differences === undefined ? '' : `<h2>What differs</h2>\n${table(differences)}\n`}${remarks.map((remark) => `<p>${linked(remark)}</p>`).join('\n')}
${charts.length > 1 ? `<h2>Step by step</h2>\n${charts.slice(1).join('\n')}` : ''}
<h2>The same again</h2>
<pre>${escaped(command)}</pre>
${
  facts.length === 0
    ? ''
    : `<h2>What it was made of</h2>
<dl>
${facts.map(([word, meaning]) => `<dt>${escaped(word)}</dt><dd>${escaped(meaning)}</dd>`).join('\n')}
</dl>`
}
</body>
</html>
`;
}
