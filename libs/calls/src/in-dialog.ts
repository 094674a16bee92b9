import { bounded } from './bounded.ts'
import { grown } from './grown.ts'
import type { Observed } from './observed.ts'
import { hasRoom } from './room.ts'
import type { Call, Transaction } from './state.ts'

/** A BYE may end an early dialog of an open attempt. */
export function noteBye(call: Call, { message, at }: Observed): void {
  for (const attempt of call.attempts) {
    if (!hasRoom(call)) return
    const [fromTag, toTag] = [bounded(message.fromTag), bounded(message.toTag)]
    if (attempt.fromTag !== fromTag && attempt.fromTag !== toTag) continue
    attempt.byes = grown(attempt.byes, { toTag: attempt.fromTag === fromTag ? toTag : fromTag, at })
    call.weight += toTag.length + fromTag.length
  }
}

/** A PRACK or UPDATE that brought descriptions, offer and answer, keeps its attempt waiting (TX-10). */
export function noteSettled(call: Call, { fromTag, seen, success }: Transaction): void {
  const request = seen.find(({ status }) => status === 0)
  const final = seen.find(({ status }) => status === success?.status)
  if (!request?.media || !final?.media) return
  for (const attempt of call.attempts) {
    const dialog = attempt.fromTag === fromTag ? final.toTag : fromTag
    if (attempt.fromTag !== fromTag && attempt.fromTag !== final.toTag) continue
    if (!hasRoom(call) || attempt.settled.includes(dialog)) continue
    attempt.settled = grown(attempt.settled, dialog)
    call.weight += dialog.length
  }
}
