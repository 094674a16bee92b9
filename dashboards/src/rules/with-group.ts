import { multiply, or, unless, type Query } from '../query.ts'
import type { recorded } from './recorded.ts'

/** The same, each with the group of its peer where the registry has put it in one: it is what alerts are routed by. */
export function withGroup<Label extends string>(
  of: Query<Label | 'peer'>,
  { groups }: Pick<ReturnType<typeof recorded>, 'groups'>
): Query<Label | 'peer' | 'group'> {
  const named = multiply(of, groups(), { on: ['peer'], add: ['group'] })
  return or(named, unless(of, groups(), ['peer']) as typeof named)
}
