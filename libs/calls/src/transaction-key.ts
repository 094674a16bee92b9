import { transactionKey, type TransactionFields } from '@earshot/sip'
import type { Endpoint } from '@earshot/units'

/** Of a transaction as seen at one requester's IP address; its ports and the responder are no part of it (§1). */
export const keyOf = (fields: TransactionFields, requester: Endpoint, method?: string): string =>
  `${transactionKey(fields, method)} ${requester.address}`
