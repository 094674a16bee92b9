import { describe, expect, it } from '@jest/globals'
import { byAddress, defaultLimits, noCounts, type AttemptRecord } from '@earshot/calls'
import { ladder } from '@earshot/traffic'
import { epochMicros } from '@earshot/units'
import { Analysis, type Summary } from './analysis.ts'
import { attemptLine, summaryText } from './report.ts'

const traffic = `
0      a>b  INVITE call=1 +S
12     b>a  100 call=1
480    b>a  183 tt=x call=1 +S
9000   b>a  200 call=1
9020   a>b  ACK call=1
10000  a>b  UPDATE call=1
10010  b>a  501 UPDATE call=1
20000  a>b  INVITE call=2 +S
20480  b>a  183 tt=y call=2 +S     Reason: Q.850;cause=34
25000  b>a  503 call=2
25010  a>b  ACK call=2
30000  a>c  INVITE call=3 +S
30200  c>a  180 tt=z call=3
31000  c>a  486 call=3
31010  a>c  ACK call=3
40000  c>a  INVITE call=4 +S
40100  a>c  100 call=4
`

function reportOf(text: string): { lines: string[]; summary: Summary } {
  const lines: string[] = []
  const analysis = new Analysis({
    parties: byAddress,
    limits: defaultLimits,
    onRecord: record => void (record.kind === 'attempt' && lines.push(attemptLine(record)))
  })
  for (const captured of ladder(text, { start: epochMicros(1_767_225_600e6) })) analysis.add(captured)
  return { summary: analysis.finish(), lines }
}

describe('the report for people', () => {
  const { lines, summary } = reportOf(traffic)

  it('has a line for each attempt', () => {
    expect(`\n${lines.join('\n')}\n`).toMatchInlineSnapshot(`
     "
     2026-01-01T00:00:00.000000Z  to 203.0.113.7  early_media 8.520 s  answered 200  call-1@ladder.example
     2026-01-01T00:00:20.000000Z  to 203.0.113.7  early_media 4.520 s  congestion 503  Q.850 34  call-2@ladder.example
     2026-01-01T00:00:30.000000Z  to 203.0.113.8  ringing  busy 486  call-3@ladder.example
     2026-01-01T00:00:40.000000Z  to 10.0.0.1  none  open  call-4@ladder.example
     "
    `)
  })

  it('has a table of the peers, and a line with the counts of messages', () => {
    expect(summaryText(summary)).toMatchInlineSnapshot(`
     "
     ┌─────────────┬──────────┬──────────┬──────────┬──────┬───────────┬───────────┬────────┬──────┬─────────────┬─────────┬──────────┬───────────────┐
     │ peer        │          │ attempts │ answered │ busy │ no answer │ cancelled │ failed │ open │ early media │ seconds │ 183 ±SDP │ rejections    │
     ├─────────────┼──────────┼──────────┼──────────┼──────┼───────────┼───────────┼────────┼──────┼─────────────┼─────────┼──────────┼───────────────┤
     │ 10.0.0.1    │ outbound │        1 │          │      │           │           │        │    1 │             │         │          │               │
     │ 203.0.113.7 │ outbound │        2 │        1 │      │           │           │      1 │      │           2 │    13.0 │      2/0 │ UPDATE 501: 1 │
     │             │ announced_cause: 1                                                                                                               │
     │ 203.0.113.8 │ outbound │        1 │          │    1 │           │           │        │      │             │         │          │               │
     └─────────────┴──────────┴──────────┴──────────┴──────┴───────────┴───────────┴────────┴──────┴─────────────┴─────────┴──────────┴───────────────┘
     ┌─────────────┬──────────┬───────┬──────────┬────────┬─────────┬────────┬────────┬─────┬─────────┬─────────┐
     │ peer        │          │ calls │ seizures │    ASR │     NER │    SER │ EM-ASR │ ACD │ SRD p50 │ SDD p50 │
     ├─────────────┼──────────┼───────┼──────────┼────────┼─────────┼────────┼────────┼─────┼─────────┼─────────┤
     │ 10.0.0.1    │ outbound │       │          │        │         │        │        │     │         │         │
     │ 203.0.113.7 │ outbound │     2 │        2 │ 50.0 % │  50.0 % │ 50.0 % │ 50.0 % │     │  0.47 s │         │
     │ 203.0.113.8 │ outbound │     1 │        1 │  0.0 % │ 100.0 % │  0.0 % │        │     │  0.20 s │         │
     └─────────────┴──────────┴───────┴──────────┴────────┴─────────┴────────┴────────┴─────┴─────────┴─────────┘
     17 SIP messages, 4 calls
     "
    `)
  })

  it('fits a terminal of 160 columns', () => {
    const widths = summaryText(summary)
      .split('\n')
      .map(line => line.length)
    expect(Math.max(...widths)).toBeLessThanOrEqual(160)
  })

  it('says plainly that there is nothing', () => {
    const { calls, ...messages } = { ...noCounts(), sip: 3, orphans: 2 }
    expect(summaryText({ messages, calls, spanSeconds: 0, peers: [], groups: [] })).toBe(
      '3 SIP messages (2 orphans), 0 calls, no call attempts and no rejections\n'
    )
  })

  it('prints nothing from the wire that a terminal would act on', () => {
    const record = { flags: [], callId: '\u001b[2Jx\r\n\u009b', peer: '\u0007', startedAt: 0, earlyMediaSeconds: 0 }
    const line = attemptLine(record as unknown as AttemptRecord)
    expect(line).toMatch(/^\P{Cc}*$/u)
    expect(line).toContain('[2Jx')
  })

  it('says under an attempt whose early media could not play what to check', () => {
    const {
      lines: [line]
    } = reportOf('0 a>b INVITE call=1 +S(codecs=PCMU)\n480 b>a 183 tt=x call=1 +S(codecs=G729)\n900 b>a 486 call=1')
    expect(line).toMatch(/unusable .*codec_mismatch.*\n    \S+ answered 183 with G729/)
  })
})
