import { maskedCrc32c } from './crc32c.ts';

// Fields of the protocol buffers in tensorflow/core/util/event.proto and framework/summary.proto.
const event = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 } as const;
const summary = { value: 1 } as const;
const value = { tag: 1, simpleValue: 2 } as const;
const sessionLog = { status: 1 } as const;
const started = 1;

const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** A whole number up to 2^53 - 1 in groups of seven bits, the least first. */
function varint(n: number): Buffer {
  const bytes: number[] = [];
  let rest = n;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

const field = (number: number, type: number, content: Buffer): Buffer =>
  Buffer.concat([varint(number * 8 + type), content]);

const nested = (number: number, content: Buffer): Buffer =>
  field(number, wire.bytes, Buffer.concat([varint(content.length), content]));

function fixed64(n: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(n);
  return bytes;
}

function fixed32(n: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(n);
  return bytes;
}

/** A length or checksum of a TFRecord. */
function unsigned(n: number, size: 4 | 8): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUInt32LE(n);
  return bytes;
}

/** A record of a TFRecord file: its length, its content, and a checksum of each. */
function record(content: Buffer): Buffer {
  const length = unsigned(content.length, 8);
  return Buffer.concat([length, unsigned(maskedCrc32c(length), 4), content, unsigned(maskedCrc32c(content), 4)]);
}

const at = (seconds: number, step: number): readonly Buffer[] => [
  field(event.wallTime, wire.fixed64, fixed64(seconds)),
  field(event.step, wire.varint, varint(step)),
];

/** The first record of every event file. */
export const versionEvent = (seconds: number): Buffer =>
  record(
    Buffer.concat([
      field(event.wallTime, wire.fixed64, fixed64(seconds)),
      nested(event.fileVersion, Buffer.from('brain.Event:2')),
    ]),
  );

/** Says that what earlier files of the folder hold from `step` on is void: the run went on from before it. */
export const restartEvent = (seconds: number, step: number): Buffer =>
  record(
    Buffer.concat([
      ...at(seconds, step),
      nested(event.sessionLog, field(sessionLog.status, wire.varint, varint(started))),
    ]),
  );

/** Some numbers by their tags, all of one step. */
export const scalarsEvent = (seconds: number, step: number, scalars: readonly (readonly [string, number])[]): Buffer =>
  record(
    Buffer.concat([
      ...at(seconds, step),
      nested(
        event.summary,
        Buffer.concat(
          scalars.map(([tag, n]) =>
            nested(
              summary.value,
              Buffer.concat([nested(value.tag, Buffer.from(tag)), field(value.simpleValue, wire.fixed32, fixed32(n))]),
            ),
          ),
        ),
      ),
    ]),
  );
