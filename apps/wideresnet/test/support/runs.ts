import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The tensors of a safetensors file, to be compared bit for bit: what its header says of them, and a hash of them. */
async function tensorsIn(file: string): Promise<unknown> {
  const bytes = await readFile(file);
  const end = 8 + Number(bytes.readBigUInt64LE());
  const { __metadata__: _, ...tensors } = JSON.parse(String(bytes.subarray(8, end)));
  return { tensors, sha256: createHash('sha256').update(bytes.subarray(end)).digest('hex') };
}

/** Everything that a run leaves but times: its weights bit for bit, its log line by line, and what it came to. */
export async function leftBy(folder: string): Promise<unknown> {
  const text = (name: string) => readFile(join(folder, name), 'utf8');
  const timeless = ({ seconds: _, timestamp: __, ...rest }: Readonly<Record<string, unknown>>) => rest;
  const lines = (await text('metrics.jsonl')).trim().split('\n');
  return {
    weights: await tensorsIn(join(folder, 'weights.safetensors')),
    log: lines.map((line) => timeless(JSON.parse(line))),
    summary: timeless(JSON.parse(await text('summary.json'))),
  };
}
