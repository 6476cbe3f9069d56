import { type Header, printHeader } from './header.ts';
import { damaged } from './intact.ts';

const NONE = '0'.repeat(64);

/** The digest of some bytes, in hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const subtle = globalThis.crypto?.subtle;
  if (subtle === undefined)
    throw new Error(
      'There is no crypto.subtle to check files with: browsers give it to pages from https or localhost only.',
    );
  // The type knows no shared memory in a digest; engines refuse it themselves.
  const digest = await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const withDigests = (header: Header, dataSha256: string, headerSha256: string): Header => ({
  ...header,
  metadata: { ...header.metadata, dataSha256, headerSha256 },
});

/** Adds zeros where the digests will stand, which settles the length of the header. */
export const unsealed = (header: Header): Header => withDigests(header, NONE, NONE);

/** Adds the SHA-256 of the data and of the header to a header; that of the header is taken with zeros in its own place:
 * so no bit of a file goes unchecked. */
export async function sealed(header: Header, dataSha256: string): Promise<Header> {
  return withDigests(header, dataSha256, await sha256(printHeader(withDigests(header, dataSha256, NONE))));
}

/**
 * Checks the digests of a header and of the data behind it.
 *
 * @throws When either differs.
 */
export async function checkSeal(header: Header, data: Uint8Array): Promise<void> {
  const { dataSha256 = '', headerSha256 } = header.metadata;
  if ((await sealed(header, dataSha256)).metadata.headerSha256 !== headerSha256)
    throw damaged('its header does not have the SHA-256 that it was written with');
  if ((await sha256(data)) !== dataSha256)
    throw damaged('its data do not have the SHA-256 that they were written with');
}
