import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { smallDisk } from '../../../../tools/vitest/small-disk.ts';
import { evaluationRecord, stepRecord } from '../../src/index.ts';
import { openEventLog } from '../../src/node.ts';
import { crc32c } from '../../src/tensorboard/crc32c.ts';
import { restartEvent, scalarsEvent, versionEvent } from '../../src/tensorboard/event.ts';
// By TensorBoard's own writer: tools/vectors/tensorboard_events.py.
import written from '../fixtures/tensorboard-events.json' with { type: 'json' };
import { folder } from '../support/folder.ts';

const disk = smallDisk();

const step = (number: number, name = 'accuracy') =>
  stepRecord(
    { loss: 1 / number, metrics: { [name]: 0.5 }, report: { rho: 0.05, scale: -0.1 } },
    { step: number, epoch: 1, gradientEvaluations: 2 * number, seconds: number / 8 },
  );

/** The records of an event file; TFRecord's checksums are tested above by those of TensorBoard. */
function recordsOf(file: string): readonly Buffer[] {
  const bytes = readFileSync(file);
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 12 + Number(bytes.readBigUInt64LE(at)) + 4;
    records.push(bytes.subarray(at, end));
    at = end;
  }
  return records;
}

test('the checksum is CRC-32C', () => {
  // RFC 3720, appendix B.4, and the check value of the catalogue of CRCs.
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
});

test("records are TensorBoard's own, byte by byte", () => {
  expect(versionEvent(written.version.seconds).toString('hex')).toBe(written.version.record);
  expect(restartEvent(written.restart.seconds, written.restart.step).toString('hex')).toBe(written.restart.record);
  for (const { seconds, step, scalars, record } of written.scalars)
    expect(scalarsEvent(seconds, step, scalars as [string, number][]).toString('hex')).toBe(record);
});

test('an event log holds a record for each of the run, at once', () => {
  const log = openEventLog(folder());
  for (const number of [1, 2]) log.write(step(number));
  log.write(evaluationRecord({ loss: 0.5, errorRate: 0.25, examples: 8 }, { step: 2, epoch: 1, split: 'test' }));
  const [version, ...records] = recordsOf(log.file);
  expect(String(version)).toContain('brain.Event:2');
  expect(records).toHaveLength(3);
  const [first, , evaluation] = records.map(String);
  for (const tag of ['loss', 'rho', 'learningRate', 'gradientEvaluations', 'seconds', 'accuracy'])
    expect(first).toContain(`train/${tag}`);
  expect(evaluation).toContain('test/errorRate');
  log.close();
  log.close();
  expect(() => log.write(step(3))).toThrow('is closed: write to it before close()');
});

test('a run that goes on has a file of its own, which voids what it does again', () => {
  const place = join(folder(), 'new');
  const [first, second] = [openEventLog(place), openEventLog(place, { from: 10 })];
  expect(readdirSync(place)).toHaveLength(2);
  expect(recordsOf(first.file)).toHaveLength(1);
  const [, restart] = recordsOf(second.file);
  // The step is behind the wall time; 10 was made, so 11 is the first that comes again.
  expect(restart?.subarray(12 + 9, 12 + 11)).toEqual(Buffer.from([0x10, 11]));
  for (const log of [first, second]) log.close();
});

test.skipIf(disk === undefined)('a full disk costs the log and one line, not the run', () => {
  const lines: string[] = [];
  const log = openEventLog(disk ?? '', { warn: (line) => lines.push(line) });
  for (let number = 1; number <= 100; number += 1) log.write(step(number, 'x'.repeat(30_000)));
  log.close();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/tfevents.* cannot be written \(ENOSPC.*\); training goes on without it\.$/);
});
