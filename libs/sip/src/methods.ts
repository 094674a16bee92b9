/**
 * The method in [at, end). The registered ones are shared constants, so that a message costs no string for them.
 * Methods are case-sensitive (RFC 3261 §7.1); any other token is kept as it is.
 */
export function readMethod(bytes: Buffer, at: number, end: number): string {
  const candidates = byLength[end - at]
  if (candidates !== undefined) {
    for (const method of candidates) if (reads(bytes, at, method)) return method
  }
  return bytes.toString('latin1', at, end)
}

function reads(bytes: Buffer, at: number, method: string): boolean {
  for (let i = 0; i < method.length; i++) if (bytes[at + i] !== method.charCodeAt(i)) return false
  return true
}

/** IANA registry "SIP Parameters", Methods and Response Codes. */
const methods = 'INVITE ACK BYE CANCEL REGISTER OPTIONS PRACK UPDATE MESSAGE REFER PUBLISH INFO SUBSCRIBE NOTIFY'.split(
  ' '
)

const byLength: string[][] = []
for (const method of methods) (byLength[method.length] ??= []).push(method)
