/**
 * What it costs to read a description of 13 lines: by the line, and by sdp-transform.
 * Run: node libs/sip/bench/media.bench.ts
 */
import { mediaOf, parseDescription } from '../src/index.ts'

const description = Buffer.from(
  'v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 20000 RTP/AVP 8 0 18 101\r\n' +
    'a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:18 G729/8000\r\n' +
    'a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n'
)

for (const read of [mediaOf, parseDescription]) {
  const rounds = 100_000
  const microseconds = [1, 2, 3, 4, 5].map(() => {
    const before = process.cpuUsage()
    for (let round = 0; round < rounds; round++) read(description)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / rounds
  })
  console.log(`${read.name.padEnd(18)} ${microseconds.sort((a, b) => a - b)[2]!.toFixed(2)} µs each`)
}
