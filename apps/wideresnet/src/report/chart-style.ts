/** Colors with enough contrast on their ground, which color-blind people can tell apart (after Okabe and Ito). */
const colors = {
  light: {
    ink: '#1c2430',
    soft: '#5b6675',
    grid: '#dfe4ea',
    ground: '#ffffff',
    hues: ['#0062b1', '#c44601', '#00734f', '#a3378b', '#6b5900'],
  },
  dark: {
    ink: '#e8edf3',
    soft: '#9aa7b6',
    grid: '#2c3541',
    ground: '#12171e',
    hues: ['#62b5ff', '#ff9a4d', '#3fd0a0', '#ee9be0', '#e2cf5a'],
  },
} as const;

type Scheme = (typeof colors)[keyof typeof colors];

/** How many colors there are; further lines begin again, with other dashes. */
export const hues = colors.light.hues.length;

const variables = ({ hues: each, ...named }: Scheme): string =>
  [...Object.entries(named), ...each.map((color, i) => [`c${i}`, color] as const)]
    .map(([name, color]) => `--${name}: ${color};`)
    .join(' ');

const rules = `
.chart text { font-family: system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; font-size: 13px; fill: var(--soft); }
.chart .ground { fill: var(--ground); }
.chart .title { font-size: 19px; font-weight: 600; fill: var(--ink); }
.chart .name { font-size: 14px; fill: var(--ink); }
.chart .value { font-size: 14px; font-weight: 600; }
.chart .grid { stroke: var(--grid); }
.chart .line { fill: none; stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; }
.chart .first { stroke-width: 3.4; }
${colors.light.hues.map((_, i) => `.chart .s${i} { stroke: var(--c${i}); } .chart .f${i} { fill: var(--c${i}); }`).join('\n')}
`;

/** The style of every chart: it follows the reader's scheme. */
export const chartStyle = `
.chart { ${variables(colors.light)} }
@media (prefers-color-scheme: dark) { .chart { ${variables(colors.dark)} } }${rules}`;

/** A chart in its light colors, written out: for programs that know no variables and no scheme. */
export function inLight(svg: string): string {
  const { hues: each, ...named } = colors.light;
  const values: Readonly<Record<string, string>> = {
    ...named,
    ...Object.fromEntries(each.map((c, i) => [`c${i}`, c])),
  };
  return svg.replace(chartStyle, rules).replace(/var\(--(\w+)\)/g, (whole, name: string) => values[name] ?? whole);
}
