import { expect, test } from 'vitest';
import { explain } from '../../src/commands/exit-codes.ts';

test('Who stands in a folder that was removed is told to leave it', () => {
  const reason = { code: 'ENOENT', syscall: 'uv_cwd' };
  const error = Object.assign(new Error('ENOENT: no such file or directory, uv_cwd'), reason);
  expect(explain(error)).toEqual({
    code: 74,
    text: 'The folder that you are in is gone: change to one that is there (cd).',
  });
});
