import type fc from 'fast-check';

/** The part of fast-check that its module gives by default. */
export type FastCheck = typeof fc;

/** Loads fast-check, which only those need who prove a link: it is an optional peer of this package. */
export async function fastCheck(): Promise<FastCheck> {
  try {
    return (await import('fast-check')).default;
  } catch (cause) {
    throw new Error(
      'The laws draw their trees with fast-check, which did not load: npm install --save-dev fast-check',
      {
        cause,
      },
    );
  }
}
