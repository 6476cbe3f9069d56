// The first module of the bundle: Jasmine, and who runs it and tells what comes of each spec. The same in Node and in a
// page.
import jasmineRequire from 'jasmine-core/lib/jasmine-core/jasmine.js';

const jasmine = jasmineRequire.core(jasmineRequire);
const env = jasmine.getEnv({ suppressLoadErrors: true });
Object.assign(globalThis, jasmineRequire.interface(jasmine, env));

const calls = (kernels) => Object.values(kernels).reduce((sum, count) => sum + count, 0);

/** What went wrong first, in a few lines. */
const messageOf = ([failure]) => failure?.message.split('\n').slice(0, 4).join('\n  ');

/** Settles when a device is lost under the specs, with the reason; what comes after is of no worth. */
const lost = new Promise((_, reject) => {
  globalThis.steppeLost = reject;
});

/**
 * Runs the specs one after the other.
 *
 * @param {string} only - A regular expression of full names; empty for all.
 * @param {readonly string[]} done - What has come to a result before, by Jasmine's ids, which are the same each time.
 * @param {(event: object) => unknown} listener - Hears of the start of each spec, of each result, and of the end.
 * @returns {Promise<void>} Settles when all have come to a result, and rejects when a device is lost.
 */
export async function run({ only, done }, listener) {
  let isLost = false;
  lost.catch(() => {
    isLost = true;
  });
  const tell = (event) => (isLost ? undefined : listener(event));
  const wanted = new RegExp(only);
  const before = new Set(done);
  const kernels = () => globalThis.steppeFallbackKernels?.() ?? {};
  let callsBefore = 0;
  env.configure({ random: false, specFilter: (spec) => wanted.test(spec.getFullName()) && !before.has(spec.id) });
  env.addReporter({
    jasmineStarted: ({ totalSpecsDefined }) => tell({ type: 'start', total: totalSpecsDefined }),
    specStarted: ({ id, fullName }) => {
      callsBefore = calls(kernels());
      return tell({ type: 'spec', id, name: fullName });
    },
    specDone: ({ id, status, fullName, failedExpectations }) => {
      if (status === 'excluded' && (only || before.has(id))) return;
      const viaFallback = calls(kernels()) > callsBefore;
      const result = { name: fullName, status: status === 'excluded' ? 'pending' : status, viaFallback };
      return tell({ type: 'result', id, ...result, message: messageOf(failedExpectations) });
    },
    suiteDone: ({ fullName, failedExpectations }) => failedAround(fullName, failedExpectations),
    jasmineDone: ({ failedExpectations }) => failedAround('the set-up', failedExpectations),
  });
  const failedAround = (name, failures) => {
    if (failures.length > 0) tell({ type: 'result', name, status: 'failed', message: messageOf(failures) });
  };
  await Promise.race([env.execute(), lost]);
  await tell({ type: 'end', kernels: kernels() });
}
