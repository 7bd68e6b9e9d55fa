/** Cuts what a source yields into groups, so that the ledger is asked about many items at once. */

/** Groups of `size`, the last one smaller; the values in their order. */
export async function* inGroups<T>(
  values: AsyncIterable<T> | Iterable<T>,
  size: number,
): AsyncGenerator<T[]> {
  let group: T[] = [];
  for await (const value of values) {
    group.push(value);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
