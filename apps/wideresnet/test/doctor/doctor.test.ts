import { beforeAll, describe, expect, test } from 'vitest';
import { buildCli, runCli } from '../support/cli.ts';
import { events } from '../support/events.ts';

const names = ['cuda', 'webgpu', 'native', 'wasm', 'cpu'];

/** Ends the process that looks at a device, and no other: what a library that crashes does. */
const crashing = (name: string) => ({
  NODE_OPTIONS: `--import data:text/javascript,if(process.argv[2]==='${name}')process.abort()`,
});

beforeAll(buildCli);

describe('steppe doctor', () => {
  test('tells programs the same as one object', async () => {
    const { code, out } = await runCli(['doctor', '--json']);
    const [event, ...others] = events(out);
    expect({ code, others }).toEqual({ code: 0, others: [] });
    expect(event).toMatchObject({
      schema: 'steppe.events/1',
      event: 'devices',
      versions: { node: process.versions.node, tfjs: '4.22.0', steppe: expect.any(String) },
    });
    expect(event.devices.map(({ name }: { name: string }) => name)).toEqual(names);
    for (const device of event.devices) {
      expect(device).toMatchObject({ reason: expect.stringMatching(/./), crashed: false, warnings: expect.any(Array) });
      expect(device.command === '').toBe(device.available);
      expect(device).not.toHaveProperty('benchmark');
    }
    const first = event.devices.find(({ available }: { available: boolean }) => available);
    expect(event.chosen).toBe(first.name);
  });

  test.each(['native', 'wasm'])('shows %s with its facts, and times it', async (name) => {
    const { out } = await runCli(['doctor', '--json', '--bench', '--backend', name]);
    const [{ devices }] = events(out);
    expect(devices).toHaveLength(1);
    const [{ available, command, benchmark, details }] = devices;
    if (name === 'native' && !available) return expect(command).toMatch(/install/);
    expect(benchmark).toEqual({
      imagesPerSecond: expect.any(Number),
      batch: expect.any(Number),
      gradients: expect.any(Number),
      secondsPerGradient: expect.any(Number),
    });
    expect(benchmark.imagesPerSecond).toBeGreaterThan(0);
    expect(benchmark.imagesPerSecond).toBeCloseTo(benchmark.batch / benchmark.secondsPerGradient);
    expect([1, 4, 32]).toContain(benchmark.batch);
    expect(details.library).toMatch(name);
    if (name !== 'native') return;
    expect(details).toMatchObject({ isa: expect.any(String), threads: expect.any(Number), path: expect.any(String) });
    expect(['prebuilt', 'cached', 'compiled']).toContain(details.built);
    expect(details.bfloat16).toMatch(/^(matrix tiles|dot products|none).*(, faster than|multiply in) float32/);
    expect(details.kernelsInJavaScript).toContain('Diag');
    expect(details.kernelsInJavaScript).not.toContain('Conv2DBackpropFilter');
  });

  test('survives a device that crashes, lists all in plain text, and warns that training would end like it', async () => {
    const { code, out } = await runCli(['doctor'], { ...crashing('cuda'), FORCE_COLOR: '1' });
    expect(code).toBe(0);
    for (const name of names) expect(out).toMatch(new RegExp(`^${name} +(yes|no) +\\S+ +\\S.*$`, 'm'));
    expect(out).toMatch(/^cuda +no +- +it fails: its process ended with SIGABRT/m);
    expect(out).toMatch(/^wasm +yes +4\.22\.0 +WebAssembly on one core/m);
    for (const [, remedy] of out.matchAll(/^\w+ +no .*\n(.*)$/gm)) expect(remedy).toMatch(/^ {22}\S/);
    expect(out).toMatch(/^steppe train would try cuda first and end like it: choose with --backend \w+\.$/m);
    expect(out).not.toContain('\u001b');
    expect(out).not.toContain('useBackend('); // which is for programs
  });

  test('says by its exit code that what was asked for does not work', async () => {
    const { code, out } = await runCli(['doctor', '--backend', 'wasm', '--bench', '--json'], crashing('wasm'));
    const [{ devices, chosen }] = events(out);
    expect({ code, chosen }).toEqual({ code: 69, chosen: null });
    expect(devices).toMatchObject([{ name: 'wasm', available: false, crashed: true }]);
  });

  test('refuses a device that it does not know in one line', async () => {
    expect(await runCli(['doctor', '--backend', 'gpu'])).toEqual({
      code: 64,
      out: '',
      err: 'steppe: --backend must be one of auto, cuda, webgpu, native, wasm, cpu, got "gpu".\n',
    });
  });
});
