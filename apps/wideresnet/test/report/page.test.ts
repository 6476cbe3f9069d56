import { expect, test } from 'vitest';
import { htmlPage } from '../../src/report/page.ts';

const page = htmlPage({
  title: 'SAM <&> SGD',
  about: 'Trained on "wrong" labels.',
  charts: ['<svg class="chart"></svg>', '<svg class="second"></svg>'],
  differences: { head: ['option', 'SAM', 'SGD'], rows: [['rho', '0.2', '0']] },
  results: {
    head: ['run', 'test error'],
    rows: [
      ['SAM', '30.0 %'],
      ['<script>', '65.0 %'],
    ],
  },
  remarks: ['More is in https://example.org/docs/evidence.md.'],
  command: "steppe train --out 'a b'",
  facts: [['chain', 'chain(samTransform(0.1))']],
});

test('a page holds its picture, a row for each run, the remarks, the command and the facts', () => {
  expect(page.indexOf('<svg class="chart">')).toBeLessThan(page.indexOf('Results'));
  expect(page.indexOf('<svg class="second">')).toBeGreaterThan(page.indexOf('Step by step'));
  expect(page).toContain('<tr><td>rho</td><td>0.2</td><td>0</td></tr>');
  expect(page).toContain('<tr><td>SAM</td><td>30.0 %</td></tr>');
  expect(page).toContain('<pre>steppe train --out &#39;a b&#39;</pre>');
  expect(page).toContain('<dt>chain</dt><dd>chain(samTransform(0.1))</dd>');
});

test('text never becomes a tag', () => {
  expect(page).toContain('<title>SAM &lt;&amp;&gt; SGD</title>');
  expect(page).toContain('<td>&lt;script&gt;</td>');
  expect(page).not.toContain('<script');
});

test('a page loads nothing: its only addresses are links, without the full stop behind them', () => {
  expect(page.match(/(src|href)="[^"]*"/g)).toEqual(['href="https://example.org/docs/evidence.md"']);
  expect(page).not.toMatch(/url\(|@import/);
});

test('a page without an evaluation says so', () => {
  const empty = {
    title: '',
    about: '',
    charts: [],
    results: { head: [], rows: [] },
    remarks: [],
    command: '',
    facts: [],
  };
  expect(htmlPage(empty)).toContain('Nothing was evaluated');
});
