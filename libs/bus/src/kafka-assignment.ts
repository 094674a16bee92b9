/** A member of a group, and the partitions that it works at this moment. */
export type Member = { readonly id: string; readonly owned: readonly number[] }

/**
 * Shares the partitions out: evenly, to within one, and so that as few as possible move, for each that moves is restored.
 *
 * The same members in any order get the same. Two members can name a partition as theirs, after one was cut off; the one
 * whose id sorts first keeps it, and the log decides by fencing who may commit.
 */
export function assign(partitions: number, members: readonly Member[]): Map<string, number[]> {
  const sorted = members.toSorted((one, other) => (one.id < other.id ? -1 : 1))
  const share = Math.floor(partitions / sorted.length)
  let larger = partitions % sorted.length
  const free = new Set(Array.from({ length: partitions }, (_, index) => index))
  const assigned = new Map<string, number[]>()
  for (const { id, owned } of sorted) {
    const own = owned.filter(partition => free.has(partition))
    const keeps = own.length > share && larger > 0 ? share + 1 : share
    if (keeps > share) larger--
    assigned.set(id, own.slice(0, keeps))
    for (const partition of own.slice(0, keeps)) free.delete(partition)
  }
  const rest = [...free]
  for (const { id } of sorted) {
    const own = assigned.get(id)!
    while (own.length < share) own.push(rest.shift()!)
  }
  // What is left is one each for some, those with the smallest share.
  for (const { id } of sorted)
    if (rest.length > 0 && assigned.get(id)!.length === share) assigned.get(id)!.push(rest.shift()!)
  for (const own of assigned.values()) own.sort((one, other) => one - other)
  return assigned
}
