import { useEffect, useState } from 'preact/hooks';
import type { Problem, Run } from '../run.ts';
import type { News } from '../server/feed.ts';

/** What the page knows of the runs. */
export type Known = {
  readonly runs: readonly Run[];
  readonly problems: readonly Problem[];
  readonly unread: number;
  /** Whether news come in: not before the first, and not while the server is gone. */
  readonly connection: 'opening' | 'open' | 'lost';
};

const nothing: Known = { runs: [], problems: [], unread: 0, connection: 'opening' };

/** What is known after some news: runs that did not change stay as they are. */
function withNews(known: Known, { runs, names, problems, unread }: News): Known {
  const byName = new Map([...known.runs, ...runs].map((run) => [run.name, run]));
  return { runs: names.flatMap((name) => byName.get(name) ?? []), problems, unread, connection: 'open' };
}

/** Follows the news of the server, which the browser asks for again by itself when they break off. */
export function useNews(): Known {
  const [known, setKnown] = useState<Known>(nothing);
  useEffect(() => {
    const source = new EventSource('/api/events');
    source.onmessage = ({ data }: MessageEvent<string>) => {
      const news: News = JSON.parse(data);
      setKnown((before) => withNews(before, news));
    };
    source.onerror = () => setKnown((before) => ({ ...before, connection: 'lost' }));
    return () => source.close();
  }, []);
  return known;
}
