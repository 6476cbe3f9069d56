import {
  appendFileSync,
  existsSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { smallDisk } from '../../../tools/vitest/small-disk.ts';
import { printRecord, type RunRecord, stepRecord } from '../src/index.ts';
import { openRunLog, readRunLog } from '../src/node.ts';
import { folder } from './support/folder.ts';

const record = (step: number): RunRecord =>
  stepRecord({ loss: 1 / step, metrics: {}, report: {} }, { step, epoch: 0, gradientEvaluations: step, seconds: step });

const unexpected = (message: string) => expect.unreachable(message);

describe('a run log', () => {
  test('gives back what was written, in its order, while it is open and later', async () => {
    const run = join(folder(), 'runs', 'first');
    const log = openRunLog(run, { warn: unexpected });
    const records = [1, 2, 3].map(record);
    for (const entry of records) log.write(entry);
    expect(await readRunLog(run)).toEqual(records);
    log.close();
    log.close();
    expect(await readRunLog(run)).toEqual(records);
    expect(readFileSync(log.file, 'utf8').split('\n')).toHaveLength(4);
  });

  test('goes on behind an earlier one', async () => {
    const run = folder();
    for (const step of [1, 2]) {
      const log = openRunLog(run);
      log.write(record(step));
      log.close();
    }
    expect(await readRunLog(run)).toEqual([record(1), record(2)]);
  });

  test('may be cut at any byte by a kill: the reader skips half a line, the next log replaces it', async () => {
    const run = folder();
    const file = join(run, 'metrics.jsonl');
    const lines = [1, 2].map((step) => `${printRecord(record(step))}\n`);
    const [first] = lines as [string];
    for (let cut = first.length; cut < lines.join('').length; cut++) {
      writeFileSync(file, lines.join(''));
      truncateSync(file, cut);
      expect(await readRunLog(run)).toEqual([record(1)]);
      const log = openRunLog(run);
      log.write(record(3));
      log.close();
      expect(readFileSync(file, 'utf8')).toBe(`${first}${printRecord(record(3))}\n`);
    }
  });

  test('finds the last whole line before half a line that is longer than any buffer', async () => {
    const run = folder();
    const log = openRunLog(run);
    log.write(record(1));
    log.close();
    appendFileSync(log.file, 'x'.repeat(200_000));
    openRunLog(run).close();
    expect(await readRunLog(run)).toEqual([record(1)]);
    writeFileSync(log.file, 'x'.repeat(200_000));
    openRunLog(run).close();
    expect(await readRunLog(run)).toEqual([]);
  });

  test('is cut where a checkpoint knew its end, so that what is made again is there once', async () => {
    const run = folder();
    const log = openRunLog(run);
    log.write(record(1));
    const at = log.sync();
    for (const step of [2, 3]) log.write(record(step));
    log.close();
    const again = openRunLog(run, { at, warn: unexpected });
    expect(again.sync()).toBe(at);
    for (const step of [2, 3]) again.write(record(step));
    again.close();
    expect(await readRunLog(run)).toEqual([1, 2, 3].map(record));
    openRunLog(run, { at: 0, warn: unexpected }).close();
    expect(await readRunLog(run)).toEqual([]);
  });

  test('tells of lines that a checkpoint knew and the disk has lost, and goes on', async () => {
    const run = folder();
    const log = openRunLog(run);
    for (const step of [1, 2]) log.write(record(step));
    const at = log.sync();
    log.close();
    truncateSync(log.file, at - 3);
    const warnings: string[] = [];
    openRunLog(run, { at, warn: (message) => warnings.push(message) }).close();
    expect(await readRunLog(run)).toEqual([record(1)]);
    const whole = printRecord(record(1)).length + 1;
    expect(warnings).toEqual([
      `${log.file} ends at byte ${whole}, where ${at} were known: the records between them are lost.`,
    ]);
    expect(() => openRunLog(run, { at: -1 })).toThrow('at must be a whole number of bytes, got -1.');
  });

  test('whose folder was removed says so and begins anew', async () => {
    const run = join(folder(), 'run');
    const warnings: string[] = [];
    const log = openRunLog(run, { warn: (message) => warnings.push(message) });
    log.write(record(1));
    rmSync(run, { recursive: true });
    log.write(record(2));
    expect(log.sync()).toBe(0);
    log.write(record(3));
    log.close();
    expect(await readRunLog(run)).toEqual([record(3)]);
    expect(warnings).toEqual([`${log.file} was removed: its lines so far are lost, it is begun anew.`]);
  });

  test('names the line that is no record', async () => {
    const run = folder();
    const file = join(run, 'metrics.jsonl');
    writeFileSync(file, `${printRecord(record(1))}\nspoilt\n${printRecord(record(2))}\n`);
    await expect(readRunLog(run)).rejects.toThrow(`${file}:2: A run record is a line of JSON, got "spoilt".`);
  });

  test('refuses to write to a closed log, whose descriptor may be another file by now', () => {
    const log = openRunLog(folder());
    log.close();
    expect(() => log.write(record(1))).toThrow(`The log ${log.file} is closed: write to it before close().`);
  });

  test('fails at once when it cannot be opened', async () => {
    const file = join(folder(), 'file');
    writeFileSync(file, '');
    expect(() => openRunLog(file)).toThrow(`${file} cannot be made (ENOTDIR: ${file} is a file).`);
    await expect(readRunLog(file)).rejects.toThrow('ENOTDIR');
  });

  // /dev/full is a disk that is always full, on Linux.
  if (existsSync('/dev/full'))
    test('warns once of a full disk and lets training go on', () => {
      const run = folder();
      symlinkSync('/dev/full', join(run, 'metrics.jsonl'));
      const warnings: string[] = [];
      const log = openRunLog(run, { warn: (message) => warnings.push(message) });
      for (const step of [1, 2, 3]) log.write(record(step));
      log.close();
      expect(warnings).toEqual([
        `${log.file} cannot be written (ENOSPC: no space left on device); training goes on without it.`,
      ]);
    });

  const disk = smallDisk();
  if (disk !== undefined)
    test('keeps whole lines only when the disk fills up, and goes on when there is room again', async () => {
      const filler = join(disk, 'filler');
      writeFileSync(filler, new Uint8Array(1_000_000));
      const warnings: string[] = [];
      const log = openRunLog(disk, { warn: (message) => warnings.push(message) });
      const steps = Array.from({ length: 1000 }, (_, i) => i + 1);
      for (const step of steps) log.write(record(step));
      const before = await readRunLog(disk);
      expect(before.length).toBeLessThan(1000);
      expect(readFileSync(log.file, 'utf8')).toBe(before.map((entry) => `${printRecord(entry)}\n`).join(''));
      unlinkSync(filler);
      log.write(record(1001));
      log.close();
      expect(await readRunLog(disk)).toEqual([...before, record(1001)]);
      expect(warnings).toHaveLength(1);
    });
});
