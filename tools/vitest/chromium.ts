import { executable } from '../chromium.mjs';

/** CI installs Chromium where it can: there its absence is a failure, elsewhere the tests are skipped. */
const required = process.env.CI === 'true' && process.getuid?.() === 0;

/** Whether to skip what needs a browser. */
export const withoutBrowser: boolean = executable === undefined && !required;

/** Names a group of tests that need a browser, with the reason where they are skipped. */
export const inChromium = (what: string): string =>
  withoutBrowser ? `${what}: skipped, since there is no Chromium (apt-get install chromium)` : what;
