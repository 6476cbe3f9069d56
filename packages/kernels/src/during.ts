const realm: typeof globalThis & { [place: symbol]: unknown } = globalThis;

/** Runs `use` while `watch` stands at a place of the process, and puts back who stood there before. */
export function during<Result>(place: symbol, watch: object, use: () => Result): Result {
  const outer = realm[place];
  realm[place] = watch;
  try {
    return use();
  } finally {
    if (outer) realm[place] = outer;
    else delete realm[place];
  }
}
