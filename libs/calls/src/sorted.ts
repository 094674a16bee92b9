/** Sorts `items` in place and returns them. Made for what mostly is in order already: that costs one look and no memory. */
export function sorted<Item>(items: Item[], compare: (a: Item, b: Item) => number): Item[] {
  for (let i = 1; i < items.length; i++) if (compare(items[i - 1]!, items[i]!) > 0) return items.sort(compare)
  return items
}
