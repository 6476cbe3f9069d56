/** The place in a tensor of `shape`, counted along its elements, that each element of a larger tensor repeats. */
export function repeatedPlaces(shape: readonly number[], larger: readonly number[]): Int32Array {
  const missing = larger.length - shape.length;
  let places = new Int32Array(1);
  for (const [d, extent] of larger.entries()) {
    const own = d < missing ? 1 : (shape[d - missing] ?? 1);
    const next = new Int32Array(places.length * extent);
    for (let i = 0; i < places.length; i++)
      for (let j = 0; j < extent; j++) next[i * extent + j] = (places[i] as number) * own + (own === 1 ? 0 : j);
    places = next;
  }
  return places;
}
