/** Does work for every item, a few at once, and gives the results in the order of the items. */
export async function inParallel<T, R>(
  nAtOnce: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.map((item, index) => ({ item, index }));
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      results[next.index] = await work(next.item);
  };
  await Promise.all(Array.from({ length: Math.min(nAtOnce, items.length) }, worker));
  return results;
}
