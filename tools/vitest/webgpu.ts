import { existsSync } from 'node:fs';

/** The Vulkan driver in Debian's chromium: a renderer on the CPU that does what a GPU does, only slowly. */
const swiftShader = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** Where the system's Vulkan loader is to look for drivers; what is set stays. */
export const vulkanEnvironment: Readonly<Record<string, string>> =
  existsSync(swiftShader) && !process.env.VK_ICD_FILENAMES && !process.env.VK_DRIVER_FILES
    ? { VK_ICD_FILENAMES: swiftShader }
    : {};

/**
 * Lets WebGPU find a driver in this process, and tells why the tests that need one are skipped; empty where they run.
 *
 * @param start - Starts WebGPU, or throws.
 * @throws Where CI installs a driver and WebGPU does not start all the same.
 */
export async function whyNoGpu(start: () => Promise<unknown>): Promise<string> {
  Object.assign(process.env, vulkanEnvironment);
  try {
    await start();
    return '';
  } catch (error) {
    if (process.env.CI && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) throw error;
    return `no Vulkan driver, sudo apt install chromium libvulkan1 (${String(error)})`;
  }
}

/** What fails on a driver: an exponential that is rounded otherwise, where the case asks for the same numbers. */
const failing: { readonly [driver: string]: readonly string[] } = {
  swiftshader: ['NaN spreads'],
  llvmpipe: ['NaN spreads'],
};

/** The conformance cases that fail on the WebGPU device of this description. */
export const failingOn = (description: string): readonly string[] =>
  Object.entries(failing).find(([driver]) => description.toLowerCase().includes(driver))?.[1] ?? [];
