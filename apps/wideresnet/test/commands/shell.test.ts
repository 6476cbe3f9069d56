import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { pathWord } from '../../src/commands/shell.ts';

test.each(['runs/first', 'sp  ace', "it's", '-dash', 'two\nlines', '$(reboot)', "back\\sl'\u0007ash"])(
  'a shell reads the path %j back from a command that people copy, which is one line',
  (path) => {
    expect(pathWord(path)).not.toContain('\n');
    const read = execFileSync('bash', ['-c', `printf %s ${pathWord(path)}`], { encoding: 'utf8' });
    expect(read).toBe(path.startsWith('-') ? `./${path}` : path);
  },
);
