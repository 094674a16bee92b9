/** An empty list, to share: most calls have nothing to keep in most of theirs. */
export const none: readonly never[] = []

/**
 * The list with one more item, in as much memory as it needs. `push` reserves room for sixteen more, which is most of
 * what a call would take: its lists are many, of one item or none.
 */
export const grown = <Item>(list: readonly Item[], item: Item): readonly Item[] =>
  list.length === 0 ? [item] : list.concat([item])
