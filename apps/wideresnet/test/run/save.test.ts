import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeAtomically } from '@steppe/files';
import { describe, expect, onTestFinished, test } from 'vitest';
import { smallDisk } from '../../../../tools/vitest/small-disk.ts';
import { elsewhere, saveSomewhere } from '../../src/run/save.ts';

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'steppe-save-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const weights = new Uint8Array(600_000);
const write = (folder: string) => writeAtomically(join(folder, 'weights'), weights);

const disk = smallDisk();
if (disk !== undefined)
  describe('A run whose disk is full', () => {
    const setUp = (name: string, second?: string) => {
      const notes: string[] = [];
      writeFileSync(join(disk, 'filler'), Buffer.alloc(700_000));
      const patience = { note: (text: string) => void notes.push(text), second, pauses: [1, 1] };
      return { notes, folder: join(disk, name), save: () => saveSomewhere(join(disk, name), write, patience) };
    };

    test('is saved as soon as there is room', async () => {
      const { notes, folder } = setUp('patient');
      const patience = {
        note: (text: string) => {
          notes.push(text);
          rmSync(join(disk, 'filler'));
        },
        second: undefined,
        pauses: [1, 1],
      };
      expect(await saveSomewhere(folder, write, patience)).toBe(folder);
      expect(notes).toEqual([
        `${join(folder, 'weights')} was not written (ENOSPC: no space left on device). Trying again in 0.001 s: make room, or Ctrl-C to give up.`,
      ]);
      expect(readdirSync(folder)).toEqual(['weights']);
      rmSync(folder, { recursive: true });
    });

    test('is saved in the other folder that was named, and says where', async () => {
      const second = join(emptyFolder(), 'rescued');
      const { notes, save } = setUp('rescued', second);
      expect(await save()).toBe(second);
      expect(notes.at(-1)).toMatch(/ENOSPC.*\. The run was saved in .*rescued instead\.$/);
      expect(notes).toHaveLength(3);
      expect(readdirSync(second)).toEqual(['weights']);
    });

    test('is given up with what its checkpoints still allow', async () => {
      const { folder } = setUp('interrupted');
      const afterwards = () => ' --resume runs/a then goes on from its checkpoint of step 12.';
      await expect(
        saveSomewhere(folder, write, { note: () => {}, second: undefined, pauses: [1], afterwards }),
      ).rejects.toThrow(/another disk\. --resume runs\/a then goes on from its checkpoint of step 12\.$/);
    });

    test('is given up in one line with the code for files, never as an internal error', async () => {
      const { save } = setUp('lost');
      await expect(save()).rejects.toMatchObject({
        code: 74,
        message: expect.stringMatching(
          /^The run cannot be saved: \S+ was not written \(ENOSPC: [^\n]*\)\. Make room before the next one, and set STEPPE_SAVE_ELSEWHERE to a folder on another disk\.$/,
        ),
      });
    });
  });

test('A folder that is gone is made again for the files', async () => {
  const folder = join(emptyFolder(), 'gone');
  expect(await saveSomewhere(folder, write, { note: () => {}, second: undefined })).toBe(folder);
});

test('An error that is none of the disk is not tried again', async () => {
  let tries = 0;
  const broken = async () => {
    tries += 1;
    throw new TypeError('a defect');
  };
  await expect(saveSomewhere(emptyFolder(), broken, { note: () => {}, second: undefined })).rejects.toThrow('a defect');
  expect(tries).toBe(1);
});

test('STEPPE_SAVE_ELSEWHERE must be a folder, which is told before the training', async () => {
  const folder = emptyFolder();
  mkdirSync(join(folder, 'there'));
  writeFileSync(join(folder, 'file'), '');
  expect(await elsewhere('runs/first', {})).toBeUndefined();
  expect(await elsewhere('runs/first', { STEPPE_SAVE_ELSEWHERE: join(folder, 'there') })).toBe(
    join(folder, 'there', `first-${process.pid}`),
  );
  for (const name of ['file', 'missing'])
    await expect(elsewhere('runs/first', { STEPPE_SAVE_ELSEWHERE: join(folder, name) })).rejects.toMatchObject({
      code: 64,
      message: `STEPPE_SAVE_ELSEWHERE must be a folder that is there, got ${join(folder, name)}.`,
    });
});
