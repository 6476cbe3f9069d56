import { expect, test } from 'vitest';
import { presetOptions } from '../../src/options/presets/presets.ts';
import { evidencePage, remarksOn } from '../../src/report/evidence.ts';

const preset = presetOptions('label-noise');

test('the preset’s own settings are told with the intervals that were measured with them, whatever the seed and the device', () => {
  const [first] = remarksOn({ ...preset, seed: 3, backend: 'native', out: 'x' });
  expect(first).toMatch(
    /^This is one seed\. Test errors over \d+ seeds, with 95 % intervals: SAM \d+\.\d ± \d+\.\d %; SGD, /,
  );
});

test.each([{ rho: 0.1 }, { m: 16 }, { epochs: 10 }, { 'label-noise': 0.2 }, { 'tuned-decay': 0.05 }])(
  'other settings, such as %o, are not told with figures that are not theirs',
  (changed) => {
    expect(remarksOn({ ...preset, ...changed }).join(' ')).not.toContain('intervals');
  },
);

test('rivals that were not run are named, with the option that runs them', () => {
  const { 'tuned-decay': _, ...short } = preset;
  expect(remarksOn(short)[1]).toBe(
    'Not run here: without SAM for the same epochs, and with a tuned weight decay (--tuned-decay runs both).',
  );
});

test('every comparison says where to read more, and a single run says nothing', () => {
  expect(remarksOn(preset).at(-1)).toContain(evidencePage);
  expect(remarksOn({ ...preset, compare: 'none' })).toEqual([]);
});
