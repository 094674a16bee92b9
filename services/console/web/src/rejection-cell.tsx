import type { Tally } from './api.ts'
import { Figure } from './figure.tsx'
import { heat, rejected } from './figures.ts'
import type { MethodLabel } from './figures.ts'
import { count, tinyCount } from './format.ts'

type Props = {
  readonly tally: Tally
  readonly method: MethodLabel
  readonly first: boolean
  readonly heated: boolean
}

/** 501 above 405, each in its place; blank where there is none. */
export function RejectionCell({ tally, method, first, heated }: Props) {
  const none = rejected(tally, method) === 0
  return (
    <td
      role="cell"
      className={['method', first && 'first', none && 'none'].filter(Boolean).join(' ')}
      data-label={method}
    >
      {[501, 405].map(code => {
        const transactions = rejected(tally, method, code)
        if (transactions === 0) return <span key={code} className="chip blank" />
        return (
          <span
            key={code}
            className={`chip code-${code} heat-${heated ? heat(transactions) : 0}`}
            title={`${count(transactions)} ${method} answered ${code}`}
          >
            <small>{code}</small> <Figure text={tinyCount(transactions)} />
          </span>
        )
      })}
    </td>
  )
}
