import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { Wanted } from '../runs/table.ts';
import type { Watched } from '../runs/watch-runs.ts';
import type { Assets } from './assets.ts';
import type { Events } from './events.ts';
import type { Feed } from './feed.ts';
import { type Guarded, guard } from './guard.ts';

/** What the application is made of. */
export type Parts = Guarded & {
  readonly watched: Watched;
  readonly feed: Feed;
  readonly events: Events;
  readonly assets: Assets;
};

/** What a reader says that it has of the tables of a run: `version,buckets,split` each. */
function wantedOf(have: readonly string[]): Readonly<Record<string, Wanted>> {
  const pairs = have.flatMap((text) => {
    const [, version, from, split] = /^([\d.]{1,20}),(\d{1,9}),(.{1,200})$/s.exec(text) ?? [];
    return split === undefined ? [] : [[split, { version, from: Number(from) }] as const];
  });
  return Object.fromEntries(pairs);
}

/** Makes the application: the page, what is new as a stream, and the curves of one run. */
export function makeApp({ watched, feed, events, assets, ...guarded }: Parts): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'", assets.scriptHash],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
      // The page is served by plain HTTP, on a port of its own.
      strictTransportSecurity: false,
      referrerPolicy: 'no-referrer',
      xFrameOptions: 'DENY',
    }),
  );
  app.use(guard(guarded));
  app.use(async (context, next) => {
    await next();
    context.header('Cache-Control', 'no-store');
  });

  app.get('/', (context) => context.html(assets.html));
  for (const [path, { body, type }] of assets.files)
    app.get(path, (context) => context.body(body, 200, { 'Content-Type': type }));

  app.get('/api/events', (context) => events.respond(context));
  app.get('/api/runs', async (context) => {
    await feed.refresh();
    return context.body(feed.newsSince(0).text, 200, { 'Content-Type': 'application/json' });
  });
  app.get('/api/curves', (context) => {
    const { run = '', points } = context.req.query();
    const most = Number(points ?? Number.NaN);
    const wanted = wantedOf(context.req.queries('have') ?? []);
    const curves = watched.curves(run, wanted, Number.isInteger(most) && most > 0 ? most : undefined);
    return curves === undefined ? context.text('There is no such run.\n', 404) : context.json(curves);
  });
  app.notFound((context) => context.text('There is nothing here.\n', 404));
  app.onError((error, context) => context.text(`${error.message}\n`, 500));
  return app;
}
