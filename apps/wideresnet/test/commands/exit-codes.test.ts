import { FileError } from '@steppe/files';
import { expect, test } from 'vitest';
import { CommandError, exitCode, exitCodes, explain } from '../../src/commands/exit-codes.ts';

test('Who stands in a folder that was removed is told to leave it', () => {
  const reason = { code: 'ENOENT', syscall: 'uv_cwd' };
  const error = Object.assign(new Error('ENOENT: no such file or directory, uv_cwd'), reason);
  expect(explain(error)).toEqual({
    code: 74,
    text: 'The folder that you are in is gone: change to one that is there (cd).',
  });
});

test('An error of the user ends with its own code, one of a file with 74, and a defect of ours with 70 and a stack', () => {
  expect(explain(new CommandError('wrong.'))).toEqual({ code: 64, text: 'wrong.' });
  expect(explain(new CommandError('NaN.', exitCode.data))).toEqual({ code: 65, text: 'NaN.' });
  expect(explain(new FileError('a.json', 'cannot be read.', undefined))).toMatchObject({ code: 74 });
  expect(explain(Object.assign(new Error('EIO: read'), { code: 'EIO', syscall: 'read' }))).toMatchObject({ code: 74 });
  const { code, text } = explain(new TypeError('x is not a function'));
  expect(code).toBe(70);
  expect(text).toMatch(/^internal error, please report it: TypeError: x is not a function\n +at /);
  expect(explain('thrown text').code).toBe(70);
});

test('Help tells every exit code', () => {
  for (const code of Object.values(exitCode)) expect(exitCodes(80)).toMatch(new RegExp(`\\b${code}\\b`));
});
