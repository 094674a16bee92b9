/** Adds to one count; one that comes to 0 is not kept. */
export function increase<Key extends PropertyKey>(counts: Partial<Record<Key, number>>, key: Key, by: number): void {
  const sum = (counts[key] ?? 0) + by
  if (sum === 0) delete counts[key]
  else counts[key] = sum
}
