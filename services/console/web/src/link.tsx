import type { ReactNode } from 'react'
import { follow, placeOf } from './router.ts'

type Props = {
  readonly page: string
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly className?: string
  readonly title?: string
  readonly current?: boolean | undefined
  readonly children: ReactNode
}

/** Leads to a place of this page without loading it anew. */
export function Link({ page, query, current = false, children, ...rest }: Props) {
  return (
    <a href={placeOf(page, query)} onClick={follow} aria-current={current ? 'page' : undefined} {...rest}>
      {children}
    </a>
  )
}
