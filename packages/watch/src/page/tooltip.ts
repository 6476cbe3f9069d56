import type uPlot from 'uplot';

/** A curve as the box beside the pointer names it. */
export type Labelled = { readonly index: number; readonly label: string; readonly color: string };

/** More rows would hide the chart. */
const most = 8;

/** The value of a series at a place, or at the last place before it: curves of other runs have other places. */
function valueAt(series: uPlot.AlignedData[number] | undefined, place: number): number | undefined {
  for (let i = place; i >= 0; i--) {
    const value = series?.[i];
    if (value !== null && value !== undefined) return value;
  }
  return undefined;
}

/** Shows, beside the pointer, where it is and what each curve is there. */
export function tooltip(
  labelled: readonly Labelled[],
  formatX: (x: number) => string,
  formatY: (y: number) => string,
): uPlot.Plugin {
  const box = document.createElement('div');
  box.className = 'tooltip';
  box.hidden = true;

  const rowOf = ({ label, color }: Labelled, value: number): HTMLElement => {
    const row = document.createElement('div');
    const mark = document.createElement('span');
    mark.className = 'mark';
    mark.style.background = `var(${color})`;
    // Text, never markup: folders may have any name.
    row.append(mark, `${formatY(value)} `, Object.assign(document.createElement('small'), { textContent: label }));
    return row;
  };
  const fill = (plot: uPlot): void => {
    const { idx, left = -1 } = plot.cursor;
    // The pointer of one chart moves a line on all of them; only one of them speaks.
    box.hidden = !plot.over.matches(':hover') || idx === null || idx === undefined || left < 0;
    if (box.hidden || idx === null || idx === undefined) return;
    const found = labelled.flatMap((one) => {
      const value = valueAt(plot.data[one.index], idx);
      return value === undefined ? [] : [{ one, value }];
    });
    const head = Object.assign(document.createElement('strong'), { textContent: formatX(plot.data[0][idx] ?? 0) });
    const rest = found.length > most ? [`and ${found.length - most} more`] : [];
    box.replaceChildren(head, ...found.slice(0, most).map(({ one, value }) => rowOf(one, value)), ...rest);
    const width = plot.over.clientWidth;
    box.style.left = left < width / 2 ? `${left + 14}px` : '';
    box.style.right = left < width / 2 ? '' : `${width - left + 14}px`;
  };
  return {
    hooks: {
      init: (plot) => void plot.over.append(box),
      setCursor: fill,
    },
  };
}
