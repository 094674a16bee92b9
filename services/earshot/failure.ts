/** What went wrong and why, a line each, without what a line before says too; of several failures each with its causes. */
export function failureLines(error: unknown): string[] {
  const lines: string[] = []
  for (const each of chainOf(error)) {
    const line = each instanceof Error ? each.message || each.name : String(each)
    if (!lines.some(told => told.includes(line))) lines.push(line)
  }
  return lines
}

/** The error and its causes. Each error once: a cause may lead back to it. */
function* chainOf(error: unknown, seen = new Set<unknown>()): Iterable<unknown> {
  if (seen.has(error)) return
  seen.add(error)
  yield error
  if (error instanceof AggregateError) for (const each of error.errors) yield* chainOf(each, seen)
  if (error instanceof Error && error.cause !== undefined) yield* chainOf(error.cause, seen)
}
