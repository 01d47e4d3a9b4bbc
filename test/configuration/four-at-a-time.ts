/** Works on the items, four at once: each waits for a process of its own. Results come in the order of the items. */
export async function fourAtATime<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index] as Item);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return results;
}
