/** What methods are counted under (MC-12). */
export const methodLabels =
  'INVITE ACK BYE CANCEL REGISTER OPTIONS PRACK UPDATE MESSAGE REFER PUBLISH INFO SUBSCRIBE NOTIFY'.split(' ')

const labels: ReadonlySet<string> = new Set(methodLabels)

export const OTHER = 'OTHER'

export const isLabel = (method: string): boolean => labels.has(method)
