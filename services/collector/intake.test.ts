import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { deflateSync } from 'node:zlib'
import { partitionOf } from '@earshot/bus'
import { decodeHep, encodeHep, type HepFields, type HepPacket } from '@earshot/hep'
import { ladder } from '@earshot/traffic'
import { Metrics } from '@earshot/telemetry'
import { epochMicros, minus, plus, seconds } from '@earshot/units'
import { Access, everybody, keyOf, type AgentRule } from './access.ts'
import { Agents } from './agents.ts'
import { Intake, type Via } from './intake.ts'
import { Packer } from './packer.ts'
import { RecordingLog } from './recording-log.fixture.ts'

const noon = epochMicros(1_767_225_600e6)
const [invite] = ladder('0 a>b INVITE +S', { start: noon })

const { agent: _agent, ...seen } = invite!
const fields: HepFields = { ...seen, captureId: 7, node: 'sbc-1', protocol: 1 }

type Options = { readonly trusting?: boolean; readonly partitions?: number }

/** An intake whose clock stands at noon, with what it hands on. */
class TestIntake {
  readonly access = new Access()
  readonly agents: Agents
  readonly dead: object[] = []
  readonly metrics = new Metrics({ version: 'test' })
  readonly log: RecordingLog
  readonly intake: Intake
  readonly packer: Packer

  private constructor(packer: Packer, log: RecordingLog, trusting: boolean) {
    this.agents = new Agents({ trusting })
    this.packer = packer
    this.log = log
    const { access, agents, metrics } = this
    this.intake = new Intake({
      agents,
      access,
      packer,
      metrics,
      now: () => noon,
      deadLetters: { take: (_frame, letter) => this.dead.push(letter) }
    })
  }

  static async start({ trusting = false, partitions = 1 }: Options = {}): Promise<TestIntake> {
    const log = new RecordingLog({ partitions })
    const packer = new Packer(log, { collector: 'c', run: 'r' }, fail)
    await packer.start()
    return new TestIntake(packer, log, trusting)
  }

  hand(frame: Buffer, via: Via): void {
    this.intake.take(frame, via, this.access.source('192.0.2.1'))
  }

  /** What comes out for these frames, and which drops were counted. */
  async take(...frames: readonly Buffer[]): Promise<{ frames: Buffer[]; packets: HepPacket[]; drops: object }> {
    for (const frame of frames) this.hand(frame, 'udp')
    await this.packer.stop()
    const packed = this.log.frames()
    const drops = Object.fromEntries([...this.intake.drops].filter(([, count]) => count > 0))
    return { frames: packed, packets: packed.map(packetOf), drops }
  }
}

describe('a packet', () => {
  it('of HEPv3 is handed on as it came', async () => {
    const intake = await TestIntake.start()
    expect((await intake.take(encodeHep(fields))).frames).toEqual([encodeHep(fields)])
  })

  it('loses what followed its frame in the datagram', async () => {
    const intake = await TestIntake.start()
    const datagram = Buffer.concat([encodeHep(fields), encodeHep(fields)])
    expect((await intake.take(datagram)).frames).toEqual([encodeHep(fields)])
  })

  it('loses its password, whatever its length', async () => {
    const intake = await TestIntake.start()
    const secrets = ['myHep', 'x'.repeat(300)].map(text => Buffer.from(text))
    const late = minus(noon, seconds(86_400))
    const inputs = secrets.flatMap(authKey =>
      [fields, { ...fields, capturedAt: late }].map(each => ({ ...each, authKey }))
    )
    const { frames } = await intake.take(...inputs.map(encodeHep))
    expect(frames.length).toBe(4)
    for (const secret of secrets) expect(Buffer.concat(frames).includes(secret)).toBe(false)
  })

  it.each([
    { name: '1', packet: hep1, capturedAt: noon, captureId: 0 },
    { name: '2', packet: hep2, capturedAt: minus(noon, seconds(1)), captureId: 2001 }
  ])('of HEPv$name is handed on as HEPv3', async ({ packet, capturedAt, captureId }) => {
    const intake = await TestIntake.start()
    const { packets, drops } = await intake.take(packet(invite!.payload))
    expect(drops).toEqual({})
    expect(packets.map(each => each.version)).toEqual([3])
    expect(packets[0]!.fields()).toMatchObject({
      capturedAt,
      captureId,
      protocol: 1,
      transport: 'udp',
      source: { address: '192.0.2.1', port: 5060 },
      destination: { address: '203.0.113.7', port: 5080 },
      payload: invite!.payload
    })
  })

  it.each([
    { name: 'ahead', capturedAt: plus(noon, seconds(60)) },
    { name: 'no_time', capturedAt: undefined },
    { name: 'shifted', capturedAt: minus(noon, seconds(7200)) }
  ])('whose time is not believed ($name) counts at another one, and that is counted', async ({ name, capturedAt }) => {
    const intake = await TestIntake.start()
    const { packets } = await intake.take(encodeHep({ ...fields, capturedAt }))
    expect(packets[0]!.fields()).toMatchObject({ ...fields, capturedAt: noon })
    expect(await intake.metrics.prometheusText()).toContain(`earshot_times_adjusted_total{reason="${name}"} 1`)
  })

  it('keeps its time when only packets are the clock', async () => {
    const intake = await TestIntake.start({ trusting: true })
    const capturedAt = epochMicros(1e15)
    expect((await intake.take(encodeHep({ ...fields, capturedAt }))).packets[0]!.capturedAt).toBe(capturedAt)
    expect(intake.intake.newest).toBe(capturedAt)
  })

  it('from the future is refused when only packets are the clock: it would take the watermark there', async () => {
    const intake = await TestIntake.start({ trusting: true })
    const { frames, drops } = await intake.take(encodeHep({ ...fields, capturedAt: epochMicros(4.1e15) }))
    expect({ frames, drops }).toEqual({ frames: [], drops: { future: 1 } })
    expect(intake.intake.newest).toBe(-Infinity)
  })

  it('goes to the partition of its Call-ID', async () => {
    const calls = Array.from({ length: 20 }, (_, index) =>
      ladder(`0 a>b INVITE call=${index}\n9 b>a 200 call=${index}`)
    )
    const intake = await TestIntake.start({ partitions: 5 })
    await intake.take(...calls.flat().map(captured => encodeHep({ ...fields, ...captured })))
    for (const [invite, ok] of calls) {
      const partition = partitionOf(/^Call-ID: (.*)\r$/m.exec(invite!.payload.toString())![1]!, 5)
      const payloads = intake.log.frames(partition).map(frame => packetOf(frame).payload.toString())
      expect(payloads).toEqual(expect.arrayContaining([invite!, ok!].map(({ payload }) => payload.toString())))
    }
  })

  it('without a Call-ID goes to that of its correlation id', async () => {
    const intake = await TestIntake.start({ partitions: 5 })
    const log = { ...fields, payload: Buffer.from('no SIP'), correlationId: 'a84b4c76e66710' }
    await intake.take(encodeHep(log))
    expect(intake.log.frames(partitionOf('a84b4c76e66710', 5)).length).toBe(1)
  })
})

describe('every packet is counted', () => {
  it('in, by transport and version', async () => {
    const intake = await TestIntake.start()
    for (const via of ['tcp', 'udp', 'tls'] as const) intake.hand(encodeHep(fields), via)
    intake.hand(hep2(invite!.payload), 'udp')
    intake.hand(Buffer.from('no HEP'), 'udp')
    const text = await intake.metrics.prometheusText()
    expect(text).toContain('earshot_packets_total{transport="tls",version="3"} 1')
    expect(text).toContain('earshot_packets_total{transport="tcp",version="3"} 1')
    expect(text).toContain('earshot_packets_total{transport="udp",version="3"} 1')
    expect(text).toContain('earshot_packets_total{transport="udp",version="2"} 1')
    expect(text).toContain('earshot_packets_total{transport="udp",version="unknown"} 1')
    expect(text).toContain(`earshot_packet_bytes_total{transport="tcp"} ${encodeHep(fields).length}`)
  })

  it.each([
    { reason: 'truncated', frame: () => Buffer.alloc(0) },
    { reason: 'truncated', frame: () => encodeHep(fields).subarray(0, 100) },
    { reason: 'truncated', frame: () => Buffer.from([2]) },
    { reason: 'not-hep', frame: () => Buffer.from('GET / HTTP/1.1\r\n\r\n') },
    { reason: 'bad-family', frame: () => Buffer.from([2, 28, 9, 17, 0, 0, 0, 0]) },
    { reason: 'bad-compression', frame: () => compressed(Buffer.from('not zlib')) },
    { reason: 'keep-alive', frame: () => encodeHep({ ...fields, payload: Buffer.alloc(0) }) },
    { reason: 'not-sip', frame: () => encodeHep({ ...fields, protocol: 100 }) },
    { reason: 'too-long', frame: () => hep2(Buffer.alloc(65_530)) }
  ])('or dropped for a reason: $reason', async ({ reason, frame }) => {
    const intake = await TestIntake.start()
    const { frames, drops } = await intake.take(frame())
    expect({ frames, drops }).toEqual({ frames: [], drops: { [reason]: 1 } })
  })

  it('or dropped for a reason that is shown at 0 before it happens', async () => {
    const { intake } = await TestIntake.start()
    expect(Object.fromEntries(intake.drops)).toMatchObject({
      'bad-family': 0,
      'too-long': 0,
      overload: 0,
      'socket-error': 0
    })
  })

  it('and a compressed one is kept', async () => {
    const intake = await TestIntake.start()
    const { packets, drops } = await intake.take(compressed(deflateSync(invite!.payload)))
    expect(drops).toEqual({})
    expect(packets[0]!.payload).toEqual(invite!.payload)
  })

  it('once, in or out, whatever the bytes are', async () => {
    const chunk = fc
      .tuple(
        fc.constantFrom(0, 0x4845),
        fc.constantFrom(2, 7, 9, 10, 14, 0x12, 0x5033),
        fc.uint8Array({ maxLength: 8 })
      )
      .map(([vendor, type, data]) => {
        const header = Buffer.alloc(6)
        header.writeUInt16BE(vendor, 0)
        header.writeUInt16BE(type, 2)
        header.writeUInt16BE(6 + data.length, 4)
        return Buffer.concat([header, data])
      })
    const hep3 = fc.array(chunk, { maxLength: 3 }).map(chunks => {
      const bytes = Buffer.concat([Buffer.from('HEP3\0\0'), ...chunks, encodeHep(fields).subarray(6)])
      bytes.writeUInt16BE(bytes.length, 4)
      return bytes
    })
    const legacy = fc
      .tuple(fc.constantFrom(1, 2), fc.constantFrom(2, 10), fc.uint8Array({ minLength: 20, maxLength: 80 }))
      .map(([version, family, rest]) => Buffer.from([version, 0, family, ...rest]))
    const anything = fc.uint8Array({ maxLength: 60 }).map(bytes => Buffer.from(bytes))
    const frames = fc.array(
      fc.oneof(
        hep3,
        legacy,
        anything,
        fc.constant(0).map(() => encodeHep(fields))
      ),
      { maxLength: 20 }
    )
    await fc.assert(
      fc.asyncProperty(frames, fc.boolean(), async (inputs, trusting) => {
        const test = await TestIntake.start({ trusting })
        const { frames: kept, drops } = await test.take(...inputs.map(each => Buffer.from(each)))
        test.intake.refuse('overload', 'udp', 100)
        const dropped = Object.values(drops).reduce((sum: number, count: number) => sum + count, 1)
        expect([test.intake.packed, kept.length + dropped]).toEqual([kept.length, inputs.length + 1])
        expect(await received(test.metrics)).toBe(inputs.length + 1)
      }),
      { numRuns: 500 }
    )
  })
})

describe('an agent', () => {
  it('is known by how its packets come, and by what was dropped of them', async () => {
    const intake = await TestIntake.start()
    intake.hand(encodeHep(fields), 'udp')
    intake.hand(encodeHep({ ...fields, payload: Buffer.alloc(0) }), 'tls')
    intake.hand(encodeHep({ ...fields, protocol: 100 }), 'tls')
    expect(intake.agents.all()).toMatchObject([
      {
        name: 'sbc-1',
        packets: 3,
        lastSeen: noon,
        transports: new Set(['udp', 'tls']),
        address: '192.0.2.1',
        listedAs: undefined,
        authenticated: false,
        drops: new Map([
          ['keep-alive', 1],
          ['not-sip', 1]
        ])
      }
    ])
  })

  const rule = (changes: Partial<AgentRule>): AgentRule => ({
    name: 'SBC 1',
    captureIds: new Set([7]),
    sources: undefined,
    keys: [keyOf(Buffer.from('right'))],
    maxPacketsPerSecond: undefined,
    ...changes
  })
  const authKey = Buffer.from('right')

  it.each([
    { name: 'without its key', reason: 'unauthorized', changes: {}, packet: {} },
    { name: 'with another key', reason: 'unauthorized', changes: {}, packet: { authKey: Buffer.from('wrong') } },
    { name: 'that is not listed', reason: 'unauthorized', changes: {}, packet: { authKey, captureId: 8 } },
    { name: 'above its limit', reason: 'rate-limited', changes: { maxPacketsPerSecond: 0.5 }, packet: { authKey } }
  ])('$name is refused, and its packets say nothing of the agent they name', async ({ reason, changes, packet }) => {
    const intake = await TestIntake.start()
    intake.access.use({ ...everybody, takesUnlisted: false, agents: [rule(changes)] })
    const first = { ...fields, captureId: 7, authKey }
    const { frames, drops } = await intake.take(encodeHep(first), encodeHep({ ...fields, ...packet }))
    expect({ frames: frames.length, drops }).toEqual({ frames: 1, drops: { [reason]: 1 } })
    expect(intake.agents.all()).toMatchObject([
      { packets: 1, listedAs: 'SBC 1', authenticated: true, drops: new Map([[reason, 1]]) }
    ])
  })

  it('is known to whoever looks for the sender of a frame that cannot be read', async () => {
    const intake = await TestIntake.start()
    await intake.take(Buffer.from('no HEP'), encodeHep(fields), encodeHep(fields).subarray(0, 100))
    const letter = { transport: 'udp', address: '192.0.2.1', at: noon }
    expect(intake.dead).toEqual([
      { ...letter, reason: 'not-hep', agent: undefined },
      { ...letter, reason: 'truncated', agent: 'sbc-1' }
    ])
  })
})

/** As the metrics tell it. */
async function received(metrics: Metrics): Promise<number> {
  const counts = (await metrics.prometheusText()).matchAll(/^earshot_packets_total\{.*\} (\d+)$/gm)
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
}

function packetOf(frame: Buffer): HepPacket {
  const packet = decodeHep(frame)
  if (packet.kind === 'error') throw new Error(packet.code)
  return packet
}

function legacyHeader(version: 1 | 2): Buffer {
  const header = Buffer.from([version, 16, 2, 17, 0, 0, 0, 0, 192, 0, 2, 1, 203, 0, 113, 7])
  header.writeUInt16BE(5060, 4)
  header.writeUInt16BE(5080, 6)
  return header
}

function hep1(payload: Buffer): Buffer {
  return Buffer.concat([legacyHeader(1), payload])
}

/** Of a second before noon, from capture id 2001. */
function hep2(payload: Buffer): Buffer {
  const time = Buffer.alloc(12)
  time.writeUInt32LE(noon / 1e6 - 1, 0)
  time.writeUInt16LE(2001, 8)
  return Buffer.concat([legacyHeader(2), time, payload])
}

/** The frame with its payload chunk said to be compressed. */
function compressed(payload: Buffer): Buffer {
  const frame = encodeHep({ ...fields, payload })
  frame.writeUInt16BE(0x10, frame.length - payload.length - 4)
  return frame
}

const fail = (error: Error): never => {
  throw error
}
