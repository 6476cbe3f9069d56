import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { smallDisk } from '../../../tools/vitest/small-disk.ts';
import { buildCli, cli } from './support/cli.ts';
import { tiny } from './support/events.ts';

type Result = { readonly code: number | null; readonly signal: string | null; readonly err: string };

let root = '';
const running = new Set<ChildProcess>();

/** Runs the built command; `onOutput` may act on the process at anything that it prints. */
function steppe(
  args: readonly string[],
  {
    stdout = 'pipe',
    onOutput = () => {},
    cwd = root,
  }: {
    stdout?: 'pipe' | number;
    onOutput?: (child: ChildProcess, text: string) => void;
    cwd?: string;
  } = {},
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...args], { cwd, stdio: ['ignore', stdout, 'pipe'] });
    running.add(child);
    let err = '';
    child.stdout?.on('data', (text: Buffer) => onOutput(child, String(text)));
    child.stderr?.on('data', (text: Buffer) => {
      err += text;
      onOutput(child, String(text));
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal, err });
    });
  });
}

const filesOf = (folder: string): readonly string[] => readdirSync(folder).sort();
const whole = [
  'checkpoints',
  'config.json',
  'metrics.jsonl',
  'report.html',
  'report.svg',
  'summary.json',
  'weights.safetensors',
];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'steppe-faults-'));
  await buildCli();
});
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(root, { recursive: true });
});

describe('A run goes on', () => {
  test('when standard output is on a full disk, and says so once', async () => {
    const full = openSync('/dev/full', 'w');
    const { code, err } = await steppe([...tiny, '--out', 'unprinted'], { stdout: full });
    closeSync(full);
    expect(err).toBe(
      'steppe: standard output cannot be written (ENOSPC: no space left on device, write); going on without it.\n',
    );
    expect(code).toBe(74);
    expect(filesOf(join(root, 'unprinted'))).toEqual(whole);
  });

  test('when nobody reads its output any more', async () => {
    const onOutput = (child: ChildProcess) => child.stdout?.destroy();
    const { code, err } = await steppe([...tiny, '--out', 'unread'], { onOutput });
    expect(err).toBe('steppe: standard output cannot be written (nobody reads it any more); going on without it.\n');
    expect(code).toBe(0);
    expect(filesOf(join(root, 'unread'))).toEqual(whole);
  });

  const disk = smallDisk();
  if (disk !== undefined)
    test('when its disk is full, without a log, and is saved once there is room', async () => {
      const filler = join(disk, 'filler');
      let acts = 0;
      const onOutput = (_: ChildProcess, text: string) => {
        const { bavail, bsize } = statfsSync(disk);
        // The first step is logged; then nothing is left until the weights want to be saved.
        if (acts === 0 && text.includes('"event":"step"')) {
          acts = 1;
          try {
            writeFileSync(filler, Buffer.alloc(bavail * bsize));
          } catch {
            // A file that the run writes at this moment has taken some of it.
          }
        }
        if (acts === 1 && text.includes('Trying again')) {
          rmSync(filler);
          acts = 2;
        }
      };
      const args = ['--epochs', '12', '--json', '--out', join(disk, 'run')];
      const { code, err } = await steppe([...tiny, ...args], { onOutput });
      expect(code).toBe(0);
      const full = '\\(ENOSPC: no space left on device\\)';
      const log = `metrics\\.jsonl cannot be written ${full}; training goes on without it\\.`;
      const checkpoint = `step-\\d{10}\\.safetensors was not written ${full}\\. Training goes on; the next checkpoint tries again, older ones are untouched\\.`;
      const weights = `weights\\.safetensors was not written ${full}\\. Trying again in \\d s: make room, or Ctrl-C to give up\\.`;
      expect(err).toMatch(new RegExp(`^(\\S+(${log}|${checkpoint}|${weights})\\n)+$`));
      for (const line of [checkpoint, weights]) expect(err).toMatch(new RegExp(line));
      expect(filesOf(join(disk, 'run'))).toEqual(whole);
    });
});

describe('A run ends', () => {
  const endless = [...tiny, '--epochs', '100000', '--json'];

  test('at SIGHUP as at SIGTERM: saved, with the code of that signal', async () => {
    let isSent = false;
    const onOutput = (child: ChildProcess, text: string) => {
      // A second one would end it at once.
      if (!isSent && text.includes('"event":"step"')) isSent = child.kill('SIGHUP');
    };
    const { code, err } = await steppe([...endless, '--out', 'hung-up'], { onOutput });
    expect(err).toMatch(/^SIGHUP: finishing the step under way, then saving\./);
    expect(code).toBe(129);
    expect(filesOf(join(root, 'hung-up'))).toEqual(expect.arrayContaining(['summary.json', 'weights.safetensors']));
  });

  test('by a signal before the first step without a folder, and says that nothing was saved', async () => {
    writeFileSync(join(root, 'compare.yaml'), 'compare: sgd\n');
    let all = '';
    const onOutput = (child: ChildProcess, text: string) => {
      // The first thing that is printed is the note on what has no effect.
      if (all === '') child.kill('SIGHUP');
      all += text;
    };
    const args = ['--config', 'compare.yaml', '--optimizer', 'adam', '--out', 'unbegun'];
    expect(await steppe([...tiny, ...args], { onOutput })).toMatchObject({ code: 129 });
    expect(all).toMatch(/Stopped before the first step: there is nothing to save\.\n$/);
    expect(existsSync(join(root, 'unbegun'))).toBe(false);
  });

  test('killed without a trace of half a file, and its folder is refused to the next run, with how to go on', async () => {
    const onOutput = (child: ChildProcess, text: string) =>
      void (text.includes('"event":"step"') && child.kill('SIGKILL'));
    expect(await steppe([...endless, '--out', 'killed'], { onOutput })).toMatchObject({ signal: 'SIGKILL' });
    expect(filesOf(join(root, 'killed'))).toEqual(['checkpoints', 'config.json', 'metrics.jsonl', 'run.lock']);
    expect(JSON.parse(readFileSync(join(root, 'killed', 'config.json'), 'utf8'))).toHaveProperty('options');
    expect(await steppe([...tiny, '--out', 'killed'])).toMatchObject({
      code: 64,
      err: 'steppe: --out must be a folder that is new or empty, got killed: it holds a run, which goes on by --resume killed.\n',
    });
  });
});

describe('Before a run begins, in one line,', () => {
  const small = ['train', '--preset', 'fashion-mini', '--backend', 'wasm'];

  test('the second of two runs on one folder is refused', async () => {
    const both = await Promise.all([1, 2].map(() => steppe([...tiny, '--out', 'shared'])));
    expect(both.map(({ code }) => code).sort()).toEqual([0, 64]);
    expect(both.map(({ err }) => err).join('')).toMatch(
      /^steppe: (--out must be a folder that is new or empty, got shared: |Another trainer is at work in shared: )[^\n]+\n$/,
    );
    expect(filesOf(join(root, 'shared'))).toEqual(whole);
  });

  test('a FIFO or device in the place of a file is refused', async () => {
    execFileSync('mkfifo', [join(root, 'FIFO')]);
    for (const [args, code] of [
      [['train', '--config', 'FIFO'], 64],
      [['train', '--config', '/dev/zero'], 64],
      [['evaluate', 'FIFO', '--backend', 'wasm'], 64],
      [[...small, '--dataset', 'mnist', '--data', 'FIFO'], 64],
    ] as const) {
      const result = await steppe(args);
      expect(result.err).toMatch(/^steppe: [^\n]* must be a (file|folder)[^\n]*\.\n$/);
      expect(result.code).toBe(code);
    }
  });

  test('what no memory holds is refused', async () => {
    for (const sizes of [
      ['--width', '1000000000'],
      ['--depth', '600000000000004'],
    ]) {
      const { code, err } = await steppe([...tiny, ...sizes, '--out', 'huge']);
      expect(err).toMatch(
        /^steppe: WRN-\S+ on 8 images at a time needs at least [^\n]+ of memory, there are [^\n]+: lower --\S+[^\n]*\.\n$/,
      );
      expect(code).toBe(64);
    }
  });

  test('control characters in a file name or a value are shown in letters', async () => {
    writeFileSync(join(root, 'evil.yaml'), 'rho: "\\e[2J\\x9b5m"\n');
    for (const args of [
      ['--config', '\u001b[2J.yaml'],
      ['--config', 'evil.yaml'],
      ['--data', '\u001b[31m', '--dataset', 'mnist'],
    ]) {
      const { err } = await steppe([...small, ...args]);
      expect(err).toMatch(/\\u001b\[/);
      expect(err.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    }
  });
});
