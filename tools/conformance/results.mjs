/** How often a long run says where it is, in milliseconds. */
const INTERVAL = 10_000;

/**
 * Keeps what specs come to, and prints every ten seconds how far they are.
 *
 * @returns What hears of it, and what it has heard: results with name, status and message; the spec that runs; the
 * kernels that fell back.
 */
export function collect() {
  const heard = { results: [], running: undefined, kernels: {}, ended: false };
  let total = 0;
  let next = Date.now() + INTERVAL;
  const on = {
    start: (event) => {
      total ||= event.total;
    },
    spec: (spec) => {
      heard.running = spec;
    },
    result: (result) => {
      heard.results.push(result);
      heard.running = undefined;
      if (Date.now() < next) return;
      next = Date.now() + INTERVAL;
      const failed = heard.results.filter(({ status }) => status === 'failed').length;
      console.log(`${heard.results.length} of ${total}, ${failed} failed; last: ${result.name}`);
    },
    end: ({ kernels }) => {
      heard.kernels = kernels;
      heard.ended = true;
    },
  };
  return { heard, tell: (event) => on[event.type](event) };
}
