import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Feed } from './feed.ts';

/** The open streams of news. */
export type Events = {
  respond(context: Context<{ Bindings: HttpBindings }>): Response | Promise<Response>;
  readers(): number;
};

/** How many may read at once, and how patient we are. */
export type EventLimits = {
  readonly maxReaders?: number;
  /** Milliseconds until a reader that takes nothing is dropped. */
  readonly slow?: number;
  /** Milliseconds between two signs of life where there is no news. */
  readonly beat?: number;
};

/**
 * Tells any number of readers what is new, each by a stream of server-sent events.
 *
 * A message is made only when the one before was taken, of all that is new by then: so a reader that is slow, or never
 * reads, has one message waiting and no more, and is dropped after a while.
 */
export function openEvents(feed: Feed, { maxReaders = 1000, slow = 10_000, beat = 15_000 }: EventLimits = {}): Events {
  let readers = 0;
  return {
    readers: () => readers,
    respond(context) {
      if (readers >= maxReaders) return context.text(`${maxReaders} readers are enough: close a page.\n`, 503);
      const { outgoing } = context.env;
      readers += 1;
      const leave = feed.enter();
      const gone = new AbortController();
      outgoing.once('close', () => {
        readers -= 1;
        leave();
        gone.abort();
      });
      return streamSSE(context, async (stream) => {
        for (let told = 0; !gone.signal.aborted; ) {
          await feed.changed(told, AbortSignal.any([gone.signal, AbortSignal.timeout(beat)]));
          const { number, text } = feed.newsSince(told);
          const late = setTimeout(() => outgoing.destroy(), slow);
          // Without news a comment, so that a reader that vanished is noticed.
          await (number === told ? stream.write(':\n\n') : stream.writeSSE({ data: text }));
          clearTimeout(late);
          told = number;
        }
      });
    },
  };
}
