/** Messages per CPU-second: `node libs/sip/bench/scan.bench.ts`. Median of 5 rounds after a warm-up, one core. */
import { SipStreamFramer, findCallId, originLine, parseDescription, readSip, transactionKey } from '../src/index.ts'
import type { SipMessage } from '../src/index.ts'

const rounds = 5
const messagesPerRound = 100_000

const message = (startLine: string, call: number, to: string, body: string): Buffer =>
  Buffer.from(
    `${startLine}
Via: SIP/2.0/UDP 203.0.113.7:5060;branch=z9hG4bK-524287-1---${call.toString(16)}8e2f7a41;rport
Via: SIP/2.0/UDP 198.51.100.23:5080;received=198.51.100.23;branch=z9hG4bK${call}a7d
Max-Forwards: 69
From: "Alice Example" <sip:+4930123456@carrier-a.example.net;user=phone>;tag=as${call}7f3a
To: <sip:+4989654321@carrier-b.example.org;user=phone>${to}
Call-ID: 5f1e6c0a7b2d4e91${call}@203.0.113.7
CSeq: 102 INVITE
Contact: <sip:+4930123456@203.0.113.7:5060>
User-Agent: Example SBC 7.4.1
Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, SUBSCRIBE, NOTIFY, INFO, PRACK, UPDATE
Supported: 100rel, timer
P-Asserted-Identity: <sip:+4930123456@carrier-a.example.net>
Content-Type: application/sdp
Content-Length: ${body.length + body.split('\n').length - 1}

${body}`.replaceAll('\n', '\r\n')
  )

const sdp = `v=0
o=- 1545997027 1 IN IP4 203.0.113.7
s=-
c=IN IP4 203.0.113.7
t=0 0
m=audio 20106 RTP/AVP 8 0 101
a=rtpmap:101 telephone-event/8000
a=sendrecv
`
const uri = 'sip:+4989654321@198.51.100.23:5060;user=phone'
const invites = Array.from({ length: 512 }, (_, call) => message(`INVITE ${uri} SIP/2.0`, call, '', sdp))
const responses = Array.from({ length: 512 }, (_, call) =>
  message('SIP/2.0 183 Session Progress', call, `;tag=b${call}c`, sdp)
)

/** What every message needs: method or status, Call-ID, CSeq, both tags, top Via, Via count; readSip found the body. */
const scan = (read: SipMessage): number =>
  read.method.length +
  read.status +
  read.callId.length +
  read.cseq +
  read.cseqMethod.length +
  read.fromTag.length +
  read.toTag.length +
  read.branch.length +
  read.sentBy.length +
  read.viaCount

const work: Readonly<Record<string, (bytes: Buffer) => number>> = {
  'readSip alone (delimits, indexes the headers)': bytes => readSip(bytes).messages.length,
  'readSip and the scan': bytes => scan(readSip(bytes).messages[0]!),
  'readSip and transactionKey': bytes => transactionKey(readSip(bytes).messages[0]!).length,
  findCallId: bytes => findCallId(bytes)!.length,
  'readSip and originLine': bytes => originLine(readSip(bytes).messages[0]!.description!)!.length,
  'SipStreamFramer, a message a chunk': (() => {
    const framer = new SipStreamFramer()
    return (bytes: Buffer) => framer.push(bytes).length
  })()
}

function perCpuSecond(run: (bytes: Buffer) => number, messages: readonly Buffer[], count: number): number {
  let sum = 0
  const before = process.cpuUsage()
  for (let i = 0; i < count; i++) sum += run(messages[i % messages.length]!)
  const { user, system } = process.cpuUsage(before)
  if (sum === 0) throw new Error('nothing was read')
  return (count / (user + system)) * 1e6
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

const measure = (run: (bytes: Buffer) => number, messages: readonly Buffer[], count: number): string => {
  perCpuSecond(run, messages, count)
  const samples = Array.from({ length: rounds }, () => perCpuSecond(run, messages, count))
  return `${Math.round(median(samples) / 1000)}k`
}

console.log(`INVITE of ${invites[0]!.length} bytes, 183 of ${responses[0]!.length}; messages per CPU-second`)
console.table(
  Object.fromEntries([
    ...Object.entries(work).map(([name, run]) => [
      name,
      { INVITE: measure(run, invites, messagesPerRound), '183': measure(run, responses, messagesPerRound) }
    ]),
    [
      'readSip and parseDescription (sdp-transform)',
      {
        INVITE: measure(
          bytes => parseDescription(readSip(bytes).messages[0]!.description!)!.media!.length,
          invites,
          messagesPerRound / 20
        )
      }
    ]
  ])
)
