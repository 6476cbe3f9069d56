import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { vulkanEnvironment, whyNoGpu } from '../../../../tools/vitest/webgpu.ts';
import { useBackend } from '../../src/index.ts';

let device = '';
const reason = await whyNoGpu(async () => {
  device = (await useBackend('webgpu')).description;
});
const folder = fileURLToPath(new URL('../..', import.meta.url));

/** How a program ends that has a tensor `y` on the device, and what it prints. */
async function run(library: string, program: string): Promise<{ status: number | string; output: string }> {
  const source = `${library}
    await useBackend('webgpu');
    const { device } = tf.engine().backend;
    const y = tf.square(tf.fill([2000], 3));
    ${program}`;
  const child = spawn(process.execPath, ['--input-type=module', '-'], {
    cwd: folder,
    env: { ...process.env, ...vulkanEnvironment },
    timeout: 60_000,
  });
  // An argument has at most 128 KiB.
  child.stdin.end(source);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const status = await new Promise<number | string>((resolve) =>
    child.on('close', (code, signal) => resolve(code ?? String(signal))),
  );
  return { status, output };
}

describe.skipIf(reason)(`a program on WebGPU${reason && `: ${reason}`}`, () => {
  let library = '';
  beforeAll(async () => {
    const { outputFiles } = await build({
      stdin: {
        contents:
          "import { useBackend } from './src/index.ts'; import * as tf from '@tensorflow/tfjs-core'; export { tf, useBackend };",
        resolveDir: folder,
      },
      bundle: true,
      format: 'esm',
      platform: 'node',
      conditions: ['@steppe/source'],
      external: ['@tensorflow/*', 'webgpu'],
      write: false,
    });
    library = outputFiles[0]?.text ?? '';
  });

  test.for([
    ['that is done', 'console.log((await y.data())[0]);', 0, /^9$/m],
    ['that never reads', '', 0, /^/],
    ['that exits during a read', 'void y.data(); process.exit(3);', 3, /^/],
    ['that throws', "await y.data(); throw new Error('of its own');", 1, /^Error: of its own$/m],
    [
      'that runs what the device rejects',
      `tf.engine().backend.runWebGPUProgram({ variableNames: [], outputShape: [1], dispatchLayout: { x: [0] },
        dispatch: [1, 1, 1], workgroupSize: [1, 1, 1], shaderKey: 'invalid', getUserCode: () => 'fn main() { nothing }' },
        [], 'float32');`,
      1,
      /^Error: WebGPU rejected the kernel /m,
    ],
    [
      'whose tensor is too large',
      'tf.fill([device.limits.maxBufferSize], 1);',
      1,
      /^Error: A tensor is too large for this GPU/m,
    ],
    [
      'whose device is lost',
      'device.destroy(); await y.data();',
      1,
      /^Error: The WebGPU device was destroyed\. To go on/m,
    ],
    [
      'that goes on after that',
      "device.destroy(); await useBackend('webgpu'); console.log((await tf.fill([2], 7).data())[0]);",
      0,
      /^7$/m,
    ],
  ] as const)('%s ends as it should: %s', async ([, program, expected, prints]) => {
    const { status, output } = await run(library, program);
    expect(output).toMatch(prints);
    expect(status, output).toBe(expected);
  });

  // Without the device's end before the process's, the driver crashes about every second time.
  test('that exits while the device computes ends as it should', { repeats: 3 }, async () => {
    const program = 'const m = tf.ones([256, 256]); void tf.matMul(m, m).data(); process.exit(3);';
    const { status, output } = await run(library, program);
    expect(status, output).toBe(3);
  });

  // The memory of a renderer on the CPU is the process's, which can be bounded: two tensors of 512 MiB fit, the third
  // does not.
  test.runIf(existsSync('/usr/bin/prlimit') && /swiftshader|llvmpipe/i.test(device))(
    'whose memory runs out says so',
    async () => {
      const { status, output } = await run(
        library,
        `const [{ execFileSync }, fs] = [await import('node:child_process'), await import('node:fs')];
         const size = 1024 * Number(/VmSize:\\s+(\\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]);
         execFileSync('prlimit', ['--pid', process.pid, '--as=' + (size + 5 * 2 ** 28)]);
         for (let i = 0; i < 4; i++) tf.keep(tf.fill([2 ** 27], i));`,
      );
      expect(output).toMatch(/^Error: The GPU is out of memory: .*\. Use smaller batches or micro-batches, then call/m);
      expect(status, output).toBe(1);
    },
  );
});
